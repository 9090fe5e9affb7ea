-- The index may take a while.
SET LOCAL statement_timeout = 0;

-- Nearly all events are measurements; what else there is must be found without reading them.
CREATE INDEX event_of_other_type ON event (tenant_id, site_id, type, time_us) WHERE type <> 'habitat.zone.measurement.v1';

-- Where measurements are deleted, their quarters of an hour have to be counted anew. The remainder is made positive for times before
-- 1970. The version first: its row is the lock behind which the figures are written. Rows that move from `event_default` to their month
-- are not deleted from `event` and do not count; whoever drops the table of a month deletes from `dashboard_quarter`, too.
CREATE FUNCTION dashboard_mark_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE dashboard_progress AS progress SET version = version + 1
    FROM (SELECT DISTINCT tenant_id, site_id FROM gone WHERE type = 'habitat.zone.measurement.v1') AS site
    WHERE progress.tenant_id = site.tenant_id AND progress.site_id = site.site_id;
    INSERT INTO dashboard_stale (tenant_id, site_id, quarter_us)
    SELECT DISTINCT tenant_id, site_id, time_us - 60000000 - ((time_us - 60000000) % 900000000 + 900000000) % 900000000
    FROM gone WHERE type = 'habitat.zone.measurement.v1'
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER event_deleted AFTER DELETE ON event REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION dashboard_mark_stale();

-- For Grafana and other tools that ask the database itself: times as times, levels as levels, one row per fact. `time_us` is the column
-- that has an index. A role that may read nothing but these views sees neither tokens nor persons.
CREATE VIEW dashboard_zones AS
    SELECT tenant_id, site_id, floor, zone, name, kind FROM dashboard_zone;

CREATE VIEW dashboard_minutes AS
    SELECT e.tenant_id, e.site_id, z.floor, e.zone, to_timestamp(e.time_us / 1000000.0) AS time, e.time_us,
           (d.data ->> 'laeq_db')::float8 AS laeq_db, (d.data ->> 'lafmax_db')::float8 AS lafmax_db,
           CASE WHEN (d.data ->> 'ambient_resolved')::boolean THEN (d.data ->> 'ambient_laeq_db')::float8 END AS ambient_laeq_db,
           (d.data ->> 'speech_laeq_db')::float8 AS speech_laeq_db, (d.data ->> 'speech_ratio')::float8 AS speech_ratio,
           (d.data ->> 'masking_db')::float8 AS masking_db, (d.data ->> 'sti')::float8 AS sti,
           (d.data ->> 'distraction_db_min')::float8 AS distraction_db_min
    FROM event AS e
    CROSS JOIN LATERAL (SELECT e.document::json -> 'data' AS data) AS d
    LEFT JOIN dashboard_zone AS z ON z.tenant_id = e.tenant_id AND z.site_id = e.site_id AND z.zone = e.zone
    WHERE e.type = 'habitat.zone.measurement.v1';

-- Of each zone and quarter of an hour; energies and seconds are there to be added up, LAeq = 10 log10(sum(laeq_energy) / sum(laeq_s)).
CREATE VIEW dashboard_quarters AS
    SELECT q.tenant_id, q.site_id, z.floor, q.zone, to_timestamp(q.quarter_us / 1000000.0) AS time, q.quarter_us AS time_us,
           to_timestamp(q.last_us / 1000000.0) AS last_time, q.minutes, q.measured_s, q.laeq_energy, q.laeq_s, q.lafmax_db,
           q.ambient_energy, q.ambient_s, q.speech_energy, q.speech_level_s, q.speech_s, q.masking_energy, q.sti_sum, q.sti_minutes,
           q.sti_max, q.distraction_db_min
    FROM dashboard_quarter AS q
    LEFT JOIN dashboard_zone AS z ON z.tenant_id = q.tenant_id AND z.site_id = q.site_id AND z.zone = q.zone;

CREATE VIEW dashboard_adaptations AS
    SELECT e.tenant_id, e.site_id, z.floor, e.zone, to_timestamp(e.time_us / 1000000.0) AS time, e.time_us,
           d.data ->> 'direction' AS direction, d.data ->> 'cause' AS cause,
           (d.data ->> 'from_db')::float8 AS from_db, (d.data ->> 'to_db')::float8 AS to_db,
           (d.data ->> 'duration_s')::float8 AS duration_s, (d.data #>> '{evidence,sti}')::float8 AS sti,
           d.data #>> '{evidence,from_zone}' AS from_zone
    FROM event AS e
    CROSS JOIN LATERAL (SELECT e.document::json -> 'data' AS data) AS d
    LEFT JOIN dashboard_zone AS z ON z.tenant_id = e.tenant_id AND z.site_id = e.site_id AND z.zone = e.zone
    WHERE e.type = 'habitat.zone.adaptation.v1';

CREATE VIEW dashboard_mutes AS
    SELECT e.tenant_id, e.site_id, to_timestamp(e.time_us / 1000000.0) AS time, e.time_us, d.data ->> 'zone' AS zone,
           (d.data ->> 'muted')::boolean AS muted, d.data ->> 'channel' AS channel
    FROM event AS e
    CROSS JOIN LATERAL (SELECT e.document::json -> 'data' AS data) AS d
    WHERE e.type = 'habitat.mute.v1';

CREATE VIEW dashboard_devices AS
    SELECT e.tenant_id, e.site_id, to_timestamp(e.time_us / 1000000.0) AS time, e.time_us, d.data ->> 'device' AS device,
           d.data ->> 'kind' AS kind, d.data ->> 'state' AS state, d.data ->> 'reason' AS reason
    FROM event AS e
    CROSS JOIN LATERAL (SELECT e.document::json -> 'data' AS data) AS d
    WHERE e.type = 'habitat.device.v1';

CREATE VIEW dashboard_sites AS
    SELECT tenant_id, site_id FROM arrival;
