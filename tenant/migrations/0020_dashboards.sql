-- Figures for dashboards. They are made of the events, and made again of them whenever events come or go: these tables may be emptied at
-- any time, but for the layout, which is to outlive its events. The same text makes them in SQLite and in PostgreSQL; times are
-- microseconds since 1970.

-- How far the events of a site have been looked at, and the time of the layout that holds. The version changes with every change of the
-- figures and whenever they are no longer right, so that what was made of an earlier state is never written.
CREATE TABLE dashboard_progress (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    told_us BIGINT,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, site_id)
);

-- Quarters of an hour of which events were deleted.
CREATE TABLE dashboard_stale (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    quarter_us BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, site_id, quarter_us)
);

-- A zone in a quarter of an hour, because the hours and days of every time zone begin at one. Sums are over the minutes; energies are
-- 10^(L/10) times the seconds that have the level, and beside them are those seconds. The medians of longer times need every minute's
-- percentile levels: hundredths of a decibel, two bytes each, the lower first.
CREATE TABLE dashboard_quarter (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    quarter_us BIGINT NOT NULL,
    zone TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    measured_s DOUBLE PRECISION NOT NULL,
    laeq_energy DOUBLE PRECISION NOT NULL,
    laeq_s DOUBLE PRECISION NOT NULL,
    lafmax_db DOUBLE PRECISION,
    ambient_energy DOUBLE PRECISION NOT NULL,
    ambient_s DOUBLE PRECISION NOT NULL,
    speech_energy DOUBLE PRECISION NOT NULL,
    speech_level_s DOUBLE PRECISION NOT NULL,
    speech_s DOUBLE PRECISION NOT NULL,
    masking_energy DOUBLE PRECISION NOT NULL,
    sti_sum DOUBLE PRECISION NOT NULL,
    sti_minutes BIGINT NOT NULL,
    sti_max DOUBLE PRECISION,
    distraction_db_min DOUBLE PRECISION NOT NULL,
    la10 BYTEA NOT NULL,
    la50 BYTEA NOT NULL,
    la90 BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, site_id, quarter_us, zone)
);
CREATE INDEX dashboard_quarter_by_zone ON dashboard_quarter (tenant_id, site_id, zone, quarter_us);

-- The layout as it was last told: the `data` of the event of each floor, and the zones.
CREATE TABLE dashboard_floor (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    floor TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, site_id, floor)
);
CREATE TABLE dashboard_zone (
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    zone TEXT NOT NULL,
    floor TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (tenant_id, site_id, zone)
);
