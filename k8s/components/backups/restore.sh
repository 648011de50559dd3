#!/bin/sh
# Restores a backup that backup.sh has made into an empty database: all of it, or nothing.
#
#   DATABASE_URL_FILE  a file with the address of the database, of the role that shall own the tables
#   BACKUP_FOLDER      where the backups are
#   BACKUP             which one: NAME.dump, or newest
#
# Ends with 0 where the backup is restored; 1 where that failed; 2 where it was told what cannot be; 3 where the backup is
# not what backup.sh has written; 4 where the database is not empty. By 1 to 4 the database is as it was.
set -eu

PREFIX=golden-architecture-
export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-15}"

fail() {
  code=$1
  shift
  echo "restore failed: $*" >&2
  exit "$code"
}

[ -r "${DATABASE_URL_FILE:-}" ] || fail 2 "DATABASE_URL_FILE names no file that can be read: ${DATABASE_URL_FILE:-}"
url=$(cat -- "$DATABASE_URL_FILE")
cd -- "${BACKUP_FOLDER:-/nowhere}" 2>/dev/null || fail 2 "BACKUP_FOLDER is no folder: ${BACKUP_FOLDER:-}"
backup=${BACKUP:-}
if [ "$backup" = newest ]; then backup=$(printf '%s\n' "$PREFIX"*.dump | sort | tail -n 1); fi
case $backup in
  "$PREFIX"*.dump) ;;
  *) fail 2 "BACKUP is NAME.dump or newest, not '$backup'" ;;
esac
[ -f "$backup" ] || fail 2 "there is no backup $backup; there are: $(echo "$PREFIX"*.dump)"

[ -f "$backup.sha256" ] || fail 3 "$backup has no checksum beside it"
[ "$(sha256sum -- "$backup")" = "$(cat -- "$backup.sha256")" ] ||
  fail 3 "$backup is not what was written: its checksum differs"

# Whatever a person or a program has made, but not what belongs to an extension.
found=$(psql --dbname="$url" --no-password --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 <<'SQL'
WITH own AS (
  SELECT oid, nspname FROM pg_namespace
   WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%'
), made AS (
  SELECT 'pg_class'::regclass AS kind, c.oid, c.relname AS name FROM pg_class c JOIN own o ON o.oid = c.relnamespace
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, p.proname FROM pg_proc p JOIN own o ON o.oid = p.pronamespace
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, t.typname FROM pg_type t JOIN own o ON o.oid = t.typnamespace
  UNION ALL
  SELECT 'pg_namespace'::regclass, o.oid, o.nspname FROM own o WHERE o.nspname <> 'public'
)
SELECT string_agg(name, ', ') FROM (
  SELECT DISTINCT m.name::text AS name FROM made m
   WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = m.kind AND d.objid = m.oid AND d.deptype = 'e')
   ORDER BY name LIMIT 5) AS named;
SQL
) || fail 1 'the database does not answer'
[ -z "$found" ] || fail 4 "the database is not empty, it has $found: restore into a new one"

pg_restore --dbname="$url" --no-password --single-transaction --no-owner "$backup" ||
  fail 1 'nothing was restored'
echo "restored $backup"

# Plans are made from statistics, which no dump of a PostgreSQL before 18 holds.
psql --dbname="$url" --no-password --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --command='ANALYZE' 2>/dev/null ||
  echo 'no statistics were gathered: run ANALYZE' >&2
