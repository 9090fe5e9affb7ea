-- The tenant leads every key, so that an engine such as Citus can distribute each table by tenant_id.

-- The number of the last event that arrived at a site. Whoever stores a batch holds this row until the commit: batches of a
-- site come one after another, through however many instances, and a number that can be read has no smaller one still to come.
CREATE TABLE arrival (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    last_seq BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, site_id)
) WITH (fillfactor = 50);

-- What makes an event count once. PostgreSQL wants the time by which `event` is partitioned in each of its unique keys, and
-- with the time in it a key would let the same id in twice; the time within an id does not help, as ids need not carry one.
CREATE TABLE event_key (
    tenant_id TEXT NOT NULL,
    source TEXT NOT NULL,
    event_id UUID NOT NULL,
    time_us BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, source, event_id)
);

-- Times are microseconds since 1970, as in the documents: to_timestamp(time_us / 1000000.0) shows them.
CREATE TABLE event (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    source TEXT NOT NULL,
    event_id UUID NOT NULL,
    type TEXT NOT NULL,
    zone TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, site_id, seq, time_us)
) PARTITION BY RANGE (time_us);
CREATE INDEX event_by_time ON event (tenant_id, site_id, time_us, zone);
CREATE INDEX event_by_zone ON event (tenant_id, site_id, zone, seq);

-- Takes what has no month of its own yet, so that no clock however wrong makes an event be refused.
CREATE TABLE event_default PARTITION OF event DEFAULT;
