-- Events belong to a tenant; those that were here before belong to the tenant of the token file.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    zone TEXT NOT NULL,
    time_us INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (tenant_id, source, event_id)
) STRICT;
INSERT INTO event (seq, tenant_id, site_id, source, event_id, type, zone, time_us, document)
    SELECT seq, 'default', site, source, id, type, zone, time_us, document FROM events ORDER BY seq;
DROP TABLE events;
CREATE INDEX event_by_arrival ON event (tenant_id, site_id, seq);
CREATE INDEX event_by_zone ON event (tenant_id, site_id, zone, seq);
CREATE INDEX event_by_time ON event (tenant_id, site_id, time_us);
