-- module: messaging
-- Ends of starts as before, save that one which does not count is taken back: its handler was told to come again later.
CREATE FUNCTION message_deliveries_end(
  p_consumer text, p_sequences bigint[], p_reasons text[], p_codes text[], p_counts boolean[]
) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE message_deliveries d
     SET is_interrupted = false, reason = k.reason, code = k.code,
         starts = CASE WHEN k.counts THEN d.starts ELSE greatest(d.starts - 1, 0) END
    FROM unnest(p_sequences, p_reasons, p_codes, p_counts) AS k (sequence, reason, code, counts)
   WHERE d.sequence = ANY (p_sequences) AND d.consumer = p_consumer AND d.sequence = k.sequence;
END $$;

-- A message without a start has no row.
CREATE FUNCTION message_attempts_end(
  p_streams text[], p_consumers text[], p_keys text[], p_reasons text[], p_codes text[], p_counts boolean[]
) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  DELETE FROM message_attempts a
   USING unnest(p_streams, p_consumers, p_keys, p_counts) AS k (stream, consumer, message_key, counts)
   WHERE a.stream = ANY (p_streams) AND a.consumer = ANY (p_consumers) AND a.message_key = ANY (p_keys)
     AND a.stream = k.stream AND a.consumer = k.consumer AND a.message_key = k.message_key
     AND NOT k.counts AND a.starts = 1;
  UPDATE message_attempts a
     SET is_interrupted = false, reason = k.reason, code = k.code, changed_at = clock_timestamp(),
         starts = CASE WHEN k.counts THEN a.starts ELSE a.starts - 1 END
    FROM unnest(p_streams, p_consumers, p_keys, p_reasons, p_codes, p_counts)
         AS k (stream, consumer, message_key, reason, code, counts)
   WHERE a.stream = ANY (p_streams) AND a.consumer = ANY (p_consumers) AND a.message_key = ANY (p_keys)
     AND a.stream = k.stream AND a.consumer = k.consumer AND a.message_key = k.message_key;
END $$;
