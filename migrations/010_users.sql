-- module: security
CREATE TABLE users (
  position        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  tenant_id       text        NOT NULL CHECK (length(tenant_id) BETWEEN 1 AND 128),
  user_id         text        NOT NULL CHECK (length(user_id) BETWEEN 1 AND 256),
  name            text        NOT NULL CHECK (length(name) BETWEEN 1 AND 256),
  name_key        text        NOT NULL UNIQUE CHECK (length(name_key) BETWEEN 1 AND 256),
  role            text        NOT NULL CHECK (length(role) BETWEEN 1 AND 64),
  kind            text        NOT NULL CHECK (kind IN ('human', 'agent', 'service')),
  password_hash   text        CHECK (length(password_hash) BETWEEN 1 AND 512),
  disabled_at     timestamptz,
  version         integer     NOT NULL DEFAULT 1 CHECK (version >= 1),
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_sign_in_at timestamptz,
  PRIMARY KEY (tenant_id, user_id)
);

COMMENT ON TABLE users IS 'Who may sign in with a name and a password.';
COMMENT ON COLUMN users.name IS 'What is typed to sign in, in the spelling it was created with.';
COMMENT ON COLUMN users.name_key IS 'The name in the form in which names are compared. Unique over all tenants, as people sign in without naming theirs.';
COMMENT ON COLUMN users.password_hash IS 'A PHC string; null where the user has no password.';
COMMENT ON COLUMN users.disabled_at IS 'Since when the user may not sign in; null while the user may.';
COMMENT ON COLUMN users.version IS 'Grows with each change, but not with a sign-in or a new hash of the same password.';

CREATE INDEX users_by_tenant ON users (tenant_id, position);
