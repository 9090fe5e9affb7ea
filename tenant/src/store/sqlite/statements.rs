//! Statements about the register in an SQLite file.

use rusqlite::{
    ToSql, TransactionBehavior, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    super::statement::{Refusal, Row, Statement, Step, Value},
    file::Sqlite,
};

impl Sqlite {
    /// Does all steps or none; `Err` inside says why it is none.
    pub fn change(&mut self, steps: &[Step]) -> rusqlite::Result<Result<(), Refusal>> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in steps {
            let values = params_from_iter(&step.statement.values);
            let changed = transaction.prepare_cached(&step.statement.sql)?.execute(values)?;
            if let (0, Some(reason)) = (changed, &step.or_refuse) {
                return Ok(Err(reason.clone()));
            }
        }
        transaction.commit().map(Ok)
    }

    /// Reads rows.
    pub fn query(&self, statement: &Statement) -> rusqlite::Result<Vec<Row>> {
        let mut prepared = self.0.prepare_cached(&statement.sql)?;
        let columns = prepared.column_count();
        let rows = prepared.query_map(params_from_iter(&statement.values), |row| {
            (0..columns)
                .map(|column| row.get_ref(column).and_then(|value| read(column, value)))
                .collect()
        })?;
        rows.collect()
    }
}

fn read(column: usize, value: ValueRef<'_>) -> rusqlite::Result<Value> {
    match value {
        ValueRef::Null => Ok(Value::Number(None)),
        ValueRef::Integer(number) => Ok(Value::Number(Some(number))),
        other => {
            let text = other
                .as_str()
                .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, other.data_type(), Box::new(error)))?;
            Ok(text.into())
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Value::Text(text) => text.to_sql(),
            Value::Number(number) => number.to_sql(),
        }
    }
}
