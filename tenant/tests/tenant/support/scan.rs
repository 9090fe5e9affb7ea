//! Looks through every column of every table that there is, whatever migrations have made.

use rusqlite::Connection;

use super::Place;

impl Place {
    /// Every column, as `table`, `column`.
    pub fn columns(&self) -> Vec<(String, String)> {
        let pairs = match self {
            Place::Sqlite(_) => self.rows(
                "SELECT tables.name || '|' || columns.name FROM sqlite_schema AS tables
                 JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'",
            ),
            Place::Postgres(_) => self.rows(
                "SELECT table_name || '|' || column_name FROM information_schema.columns
                 JOIN information_schema.tables USING (table_schema, table_name)
                 WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'",
            ),
        };
        let pairs = pairs.into_iter().map(|pair| {
            let (table, column) = pair.split_once('|').expect("two names");
            (table.to_owned(), column.to_owned())
        });
        pairs.collect()
    }

    /// The columns in which a text stands, in whatever letters.
    pub fn columns_with(&self, text: &str) -> Vec<String> {
        let pattern = text.replace('\'', "''");
        let searches = self.columns().into_iter().map(|(table, column)| {
            format!(
                "SELECT '{table}.{column}' FROM \"{table}\" WHERE lower(CAST(\"{column}\" AS TEXT)) LIKE lower('%{pattern}%')"
            )
        });
        let mut found: Vec<String> = searches
            .collect::<Vec<_>>()
            .chunks(50)
            .flat_map(|part| self.rows(&part.join(" UNION ALL ")))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// How many rows each table has of a tenant; a partition is part of its table.
    pub fn rows_of(&self, tenant: &str) -> Vec<(String, i64)> {
        let partitions = match self {
            Place::Sqlite(_) => Vec::new(),
            Place::Postgres(_) => self.rows("SELECT relname FROM pg_class WHERE relispartition"),
        };
        let tables = self
            .columns()
            .into_iter()
            .filter(|(table, column)| column == "tenant_id" && !partitions.contains(table));
        tables
            .map(|(table, _)| {
                let count = self.rows(&format!("SELECT count(*) FROM \"{table}\" WHERE tenant_id = '{tenant}'"));
                (table, count[0].parse().expect("a number"))
            })
            .collect()
    }

    /// Everything that a statement gives in its only column.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        match self {
            Place::Postgres(server) => server.sql(sql).lines().map(str::to_owned).collect(),
            Place::Sqlite(_) => {
                let database = Connection::open(self.argument()).expect("opens");
                let mut statement = database.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
                let rows = statement.query_map([], |row| {
                    Ok(match row.get_ref(0)? {
                        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                        rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                        _ => String::new(),
                    })
                });
                rows.expect("rows").collect::<Result<_, _>>().expect("rows")
            }
        }
    }
}

impl Place {
    /// Every row that there is of a tenant, as text, in order.
    pub fn contents_of(&self, tenant: &str) -> Vec<String> {
        let columns = self.columns();
        let tables = self.rows_of(tenant).into_iter().map(|(table, _)| {
            let whole = match self {
                Place::Postgres(_) => format!("\"{table}\"::text"),
                Place::Sqlite(_) => {
                    let own = columns.iter().filter(|(of, _)| *of == table);
                    own.map(|(_, column)| format!("quote(\"{column}\")"))
                        .collect::<Vec<_>>()
                        .join(" || ',' || ")
                }
            };
            format!("SELECT '{table} ' || {whole} FROM \"{table}\" WHERE tenant_id = '{tenant}'")
        });
        let mut rows = self.rows(&tables.collect::<Vec<_>>().join(" UNION ALL "));
        rows.sort();
        rows
    }
}
