-- People who log in, what they prefer, and what a tenant wants done with its data. The same text makes these tables in SQLite
-- and in PostgreSQL; times are microseconds since 1970, an empty text stands for none.

-- Administrators get an id that says nothing about them, a role and a password. Of those who were here before, the first of
-- each tenant becomes its owner. `password` is Argon2id in PHC form, `invitation` a SHA-256 digest.
CREATE TABLE administrator_next (
    tenant_id TEXT NOT NULL REFERENCES tenant (tenant_id),
    administrator_id TEXT NOT NULL,
    email TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'manager', 'viewer')),
    password TEXT NOT NULL,
    invitation TEXT NOT NULL,
    invitation_expires_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, administrator_id),
    UNIQUE (tenant_id, email)
);
INSERT INTO administrator_next
    SELECT tenant_id, CAST(place AS TEXT), email, first_name, last_name, address, phone,
           CASE place WHEN 1 THEN 'owner' ELSE 'viewer' END, '', '', 0, created_us
    FROM (SELECT administrator.*, row_number() OVER (PARTITION BY tenant_id ORDER BY created_us, email) AS place
          FROM administrator) AS numbered;
DROP TABLE administrator;
ALTER TABLE administrator_next RENAME TO administrator;

CREATE TABLE preference (
    tenant_id TEXT NOT NULL,
    administrator_id TEXT NOT NULL,
    language TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    decimal_sign TEXT NOT NULL,
    length_unit TEXT NOT NULL,
    email_notices BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, administrator_id),
    FOREIGN KEY (tenant_id, administrator_id) REFERENCES administrator (tenant_id, administrator_id)
);

CREATE TABLE session (
    tenant_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    administrator_id TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, administrator_id) REFERENCES administrator (tenant_id, administrator_id)
);

-- Wrong passwords of the last minutes, also for accounts and tenants that do not exist: those must not be told apart.
-- `account` is a digest.
CREATE TABLE login_attempt (
    tenant_id TEXT NOT NULL,
    account TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, account)
);

-- Filled from what is received. `version` is of the latest habitat.controller.v1, whose time is `version_us`.
CREATE TABLE controller (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    source TEXT NOT NULL,
    version TEXT NOT NULL,
    version_us BIGINT NOT NULL,
    first_seen_us BIGINT NOT NULL,
    last_seen_us BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, source)
);

-- How long data are kept, in days; none: while the account is active.
ALTER TABLE tenant ADD COLUMN measurement_days BIGINT;
ALTER TABLE tenant ADD COLUMN other_days BIGINT;
-- The last archive of everything that was handed over.
ALTER TABLE tenant ADD COLUMN export_sha256 TEXT NOT NULL DEFAULT '';
ALTER TABLE tenant ADD COLUMN export_us BIGINT;

-- What is not to be processed; '*' stands for every site or every type.
CREATE TABLE restriction (
    tenant_id TEXT NOT NULL REFERENCES tenant (tenant_id),
    site_id TEXT NOT NULL,
    type TEXT NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('restriction', 'objection')),
    since_us BIGINT NOT NULL,
    discarded BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, site_id, type)
);

-- Tenants that are to be erased. Once the erasure has begun it cannot be cancelled; `counts` is what there was to destroy.
CREATE TABLE termination (
    tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant (tenant_id),
    requested_us BIGINT NOT NULL,
    erase_us BIGINT NOT NULL,
    certificate_id TEXT NOT NULL,
    begun_us BIGINT,
    counts TEXT NOT NULL
);

-- What remains of a tenant. It names none: the digest of its id is what keeps its tokens of a token file out.
CREATE TABLE certificate (
    certificate_id TEXT NOT NULL PRIMARY KEY,
    tenant_sha256 TEXT NOT NULL,
    erased_us BIGINT NOT NULL,
    document TEXT NOT NULL,
    public_key TEXT NOT NULL,
    signature TEXT NOT NULL
);
CREATE INDEX certificate_by_tenant ON certificate (tenant_sha256);
