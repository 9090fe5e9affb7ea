-- Nearly all events are measurements; what else there is must be found without reading them.
CREATE INDEX event_of_other_type ON event (tenant_id, site_id, type, time_us) WHERE type <> 'habitat.zone.measurement.v1';

-- Where a measurement is deleted, its quarter of an hour has to be counted anew. The remainder is made positive for times before 1970.
CREATE TRIGGER event_deleted AFTER DELETE ON event WHEN OLD.type = 'habitat.zone.measurement.v1' BEGIN
    UPDATE dashboard_progress SET version = version + 1 WHERE tenant_id = OLD.tenant_id AND site_id = OLD.site_id;
    INSERT INTO dashboard_stale (tenant_id, site_id, quarter_us)
    VALUES (OLD.tenant_id, OLD.site_id,
            OLD.time_us - 60000000 - ((OLD.time_us - 60000000) % 900000000 + 900000000) % 900000000)
    ON CONFLICT DO NOTHING;
END;
