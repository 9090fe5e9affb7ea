-- Who may deliver and ask. The same text makes these tables in SQLite and in PostgreSQL; times are microseconds since 1970.
CREATE TABLE tenant (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    company TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    created_us BIGINT NOT NULL
);

CREATE TABLE site (
    tenant_id TEXT NOT NULL REFERENCES tenant (tenant_id),
    site_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, site_id)
);

CREATE TABLE administrator (
    tenant_id TEXT NOT NULL REFERENCES tenant (tenant_id),
    email TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, email)
);

-- Of a token only its SHA-256 digest is kept. The scope is written out: a token of listed sites whose list is empty opens none.
CREATE TABLE token (
    tenant_id TEXT NOT NULL REFERENCES tenant (tenant_id),
    token_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('every-site', 'listed-sites')),
    created_us BIGINT NOT NULL,
    expires_us BIGINT,
    revoked_us BIGINT,
    PRIMARY KEY (tenant_id, token_id),
    UNIQUE (tenant_id, digest)
);

CREATE TABLE token_site (
    tenant_id TEXT NOT NULL,
    token_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, token_id, site_id),
    FOREIGN KEY (tenant_id, token_id) REFERENCES token (tenant_id, token_id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, site_id)
);

-- Every change of the tables above, written in the transaction that makes it.
CREATE TABLE access_log (
    tenant_id TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    entry_id TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant_id, time_us, entry_id)
);
