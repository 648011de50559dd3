-- module: security
CREATE TABLE token_key_rings (
  ring_name  text        PRIMARY KEY CHECK (length(ring_name) BETWEEN 1 AND 128),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE token_key_rings IS 'One row for each ring of keys that sign tokens: who changes a ring holds its row.';

CREATE TABLE token_signing_keys (
  ring_name          text        NOT NULL REFERENCES token_key_rings (ring_name),
  key_id             text        NOT NULL CHECK (length(key_id) BETWEEN 1 AND 256),
  algorithm          text        NOT NULL CHECK (algorithm IN ('RS256', 'ES256', 'EdDSA')),
  public_jwk         jsonb       NOT NULL CHECK (NOT (public_jwk ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])),
  proof              text        NOT NULL CHECK (length(proof) BETWEEN 1 AND 256),
  sealed_private_key text        CHECK (length(sealed_private_key) BETWEEN 1 AND 16384),
  activate_at        timestamptz NOT NULL,
  revoked_at         timestamptz,
  created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (ring_name, key_id),
  CONSTRAINT token_signing_keys_revoked_has_no_private_key CHECK (revoked_at IS NULL OR sealed_private_key IS NULL)
);

COMMENT ON TABLE token_signing_keys IS 'The keys that sign access tokens. What each may do follows from its instants.';
COMMENT ON COLUMN token_signing_keys.key_id IS 'RFC 7638 thumbprint of the public key.';
COMMENT ON COLUMN token_signing_keys.proof IS 'Made of the public key by the key-encryption key: a row without it is no key.';
COMMENT ON COLUMN token_signing_keys.sealed_private_key IS 'The private JWK, AES-256-GCM under the key-encryption key, which is kept elsewhere; null once the key is retired.';
COMMENT ON COLUMN token_signing_keys.activate_at IS 'From when on the key signs, by the database''s clock; before, it is published alone.';
COMMENT ON COLUMN token_signing_keys.revoked_at IS 'When the key was revoked; null while it was not.';

CREATE TABLE token_revocation_head (
  is_only_row   boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
  last_sequence bigint  NOT NULL CHECK (last_sequence >= 0)
);
INSERT INTO token_revocation_head (last_sequence) VALUES (0);

COMMENT ON TABLE token_revocation_head IS 'The last sequence of the revocations. Who adds one holds this row until it commits, so that sequences become visible in their order.';

CREATE TABLE token_revocations (
  sequence      bigint      PRIMARY KEY CHECK (sequence >= 1),
  kind          text        NOT NULL CHECK (kind IN ('token', 'subject', 'key')),
  tenant_id     text        CHECK (length(tenant_id) BETWEEN 1 AND 128),
  token_id      text        CHECK (length(token_id) BETWEEN 1 AND 128),
  subject       text        CHECK (length(subject) BETWEEN 1 AND 256),
  key_id        text        CHECK (length(key_id) BETWEEN 1 AND 256),
  issued_before timestamptz,
  expires_at    timestamptz,
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT token_revocations_say_what CHECK (
    CASE kind
      WHEN 'token' THEN num_nonnulls(tenant_id, token_id, expires_at) = 3 AND num_nonnulls(subject, key_id, issued_before) = 0
      WHEN 'subject' THEN num_nonnulls(tenant_id, subject, issued_before, expires_at) = 4 AND num_nonnulls(token_id, key_id) = 0
      ELSE key_id IS NOT NULL AND num_nonnulls(tenant_id, token_id, subject, issued_before, expires_at) = 0
    END
  )
);

COMMENT ON TABLE token_revocations IS 'Access tokens that are refused before they expire. Every process reads what is new every few seconds.';
COMMENT ON COLUMN token_revocations.kind IS 'token: the one with token_id; subject: all that it was issued by issued_before; key: all that key_id signed.';
COMMENT ON COLUMN token_revocations.expires_at IS 'When the last token concerned has expired, and the row may go; null for a key, whose revocation stays.';

CREATE UNIQUE INDEX token_revocations_token ON token_revocations (tenant_id, token_id) WHERE kind = 'token';
CREATE UNIQUE INDEX token_revocations_subject ON token_revocations (tenant_id, subject) WHERE kind = 'subject';
CREATE UNIQUE INDEX token_revocations_key ON token_revocations (key_id) WHERE kind = 'key';
CREATE INDEX token_revocations_expired ON token_revocations (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE refresh_token_families (
  tenant_id  text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  family_id  text        NOT NULL CHECK (length(family_id) BETWEEN 1 AND 128),
  subject    text        NOT NULL CHECK (length(subject) BETWEEN 1 AND 256),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, family_id),
  CONSTRAINT refresh_token_families_end_after_their_start CHECK (expires_at > created_at)
);

COMMENT ON TABLE refresh_token_families IS 'Sessions: all refresh tokens that came of one sign-in. Who exchanges or revokes a token holds the row of its session.';
COMMENT ON COLUMN refresh_token_families.expires_at IS 'The end of the session, however busy it is.';
COMMENT ON COLUMN refresh_token_families.revoked_at IS 'When it was signed out, replaced, or a spent token of it came again; null while it goes on.';

CREATE INDEX refresh_token_families_live ON refresh_token_families (tenant_id, subject, created_at) WHERE revoked_at IS NULL;
CREATE INDEX refresh_token_families_ended ON refresh_token_families (least(expires_at, revoked_at));

CREATE TABLE refresh_tokens (
  token_hash     text        PRIMARY KEY CHECK (length(token_hash) = 43),
  tenant_id      text        NOT NULL,
  family_id      text        NOT NULL,
  issued_at      timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  spent_at       timestamptz,
  salt           text        CHECK (length(salt) = 43),
  successor_hash text        UNIQUE CHECK (length(successor_hash) = 43),
  retry_key_hash text        CHECK (length(retry_key_hash) = 43),
  FOREIGN KEY (tenant_id, family_id) REFERENCES refresh_token_families ON DELETE CASCADE,
  CONSTRAINT refresh_tokens_spent_has_its_successor
    CHECK (num_nonnulls(spent_at, salt, successor_hash) IN (0, 3) AND (retry_key_hash IS NULL OR spent_at IS NOT NULL))
);

COMMENT ON TABLE refresh_tokens IS 'Refresh tokens by their SHA-256; the tokens themselves are stored nowhere.';
COMMENT ON COLUMN refresh_tokens.token_hash IS 'SHA-256 in base64url. A token says nothing of its tenant: its 256 random bits find it, and the tenant with it.';
COMMENT ON COLUMN refresh_tokens.expires_at IS 'Its end where nobody uses it.';
COMMENT ON COLUMN refresh_tokens.spent_at IS 'When it was exchanged; if it comes again, its session ends.';
COMMENT ON COLUMN refresh_tokens.salt IS 'What its successor was made of, beside the token and the retry key, which only the client has.';
COMMENT ON COLUMN refresh_tokens.retry_key_hash IS 'SHA-256 of the key by which the same request may be sent again; null where none came.';

CREATE INDEX refresh_tokens_of_family ON refresh_tokens (tenant_id, family_id);
CREATE INDEX refresh_tokens_expired ON refresh_tokens (expires_at);
