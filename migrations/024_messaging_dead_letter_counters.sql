-- module: messaging
-- As before, save that counters are locked where they change: a repetition, the begin of a redrive, or what is no longer said to
-- have come of a dead letter that is removed changes none. The same statement counts what it adds or removes by itself, in another
-- order than this, so that two which locked all they touch could wait for each other in a circle.
CREATE OR REPLACE FUNCTION dlq_count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM dlq_groups g
    WHERE (g.tenant_id, g.fingerprint) IN (
      SELECT coalesce(b.tenant_id, ''), b.fingerprint FROM before b JOIN after a ON a.dlq_id = b.dlq_id
       WHERE (a.status IN ('open', 'redriving')) <> (b.status IN ('open', 'redriving')))
    ORDER BY g.tenant_id, g.fingerprint FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE dlq_groups g SET unresolved = g.unresolved + d.unresolved
    FROM (SELECT coalesce(b.tenant_id, '') AS tenant_id, b.fingerprint,
                 sum((a.status IN ('open', 'redriving'))::int - (b.status IN ('open', 'redriving'))::int) AS unresolved
            FROM before b JOIN after a ON a.dlq_id = b.dlq_id GROUP BY 1, 2) d
   WHERE g.tenant_id = d.tenant_id AND g.fingerprint = d.fingerprint AND d.unresolved <> 0;
  PERFORM 1 FROM dlq_totals t
    WHERE t.tenant_id IN (
      SELECT coalesce(b.tenant_id, '') FROM before b JOIN after a ON a.dlq_id = b.dlq_id
       WHERE (a.status IN ('open', 'redriving')) <> (b.status IN ('open', 'redriving')))
    ORDER BY t.tenant_id FOR UPDATE;
  UPDATE dlq_totals t SET unresolved = t.unresolved + d.unresolved
    FROM (SELECT coalesce(b.tenant_id, '') AS tenant_id,
                 sum((a.status IN ('open', 'redriving'))::int - (b.status IN ('open', 'redriving'))::int) AS unresolved
            FROM before b JOIN after a ON a.dlq_id = b.dlq_id GROUP BY 1) d
   WHERE t.tenant_id = d.tenant_id AND d.unresolved <> 0;
  RETURN NULL;
END $$;
