#!/bin/sh
# Dumps the database into a folder. A backup is NAME.dump with NAME.dump.sha256 beside it; nothing else is one.
#
#   DATABASE_URL_FILE  a file with the address of the database, of a role that may read all of it
#   BACKUP_FOLDER      where the backups are
#   KEEP_DAYS          older ones are removed, once the new one is there; default 14
#   KEEP_AT_LEAST      the newest so many stay however old they are; default 8
#
# Ends with 0 where a new backup is there and old ones were removed; 1 where the dump failed, or there was no room for
# it; 2 where it was told what cannot be; 3 where the dump is not whole, or not of this system; 4 where another backup is
# at work; 5 where the new backup is there and an old one could not be removed. By 1 to 4 no backup is touched.
set -eu
umask 077

PREFIX=golden-architecture-
keep_days=${KEEP_DAYS:-14}
keep_at_least=${KEEP_AT_LEAST:-8}
name=
child=

fail() {
  code=$1
  shift
  echo "backup failed: $*" >&2
  exit "$code"
}

# Nothing is left of a backup that has not come to its end.
leave() {
  if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null && wait "$child" || true; fi
  if [ -n "$name" ]; then rm -f -- "$name.dump.incomplete" "$name.dump.sha256.incomplete"; fi
}
trap leave EXIT
trap 'fail 1 "told to stop"' TERM INT HUP

for number in "$keep_days" "$keep_at_least"; do
  case $number in '' | *[!0-9]* | ???????*) fail 2 "KEEP_DAYS and KEEP_AT_LEAST are whole numbers, not $number" ;; esac
done
[ "$keep_at_least" -ge 1 ] || fail 2 'KEEP_AT_LEAST is 1 or more'
[ -r "${DATABASE_URL_FILE:-}" ] || fail 2 "DATABASE_URL_FILE names no file that can be read: ${DATABASE_URL_FILE:-}"
url=$(cat -- "$DATABASE_URL_FILE")
cd -- "${BACKUP_FOLDER:-/nowhere}" 2>/dev/null || fail 2 "BACKUP_FOLDER is no folder: ${BACKUP_FOLDER:-}"

# The dump holds the lock too: it is not pulled from under one that outlives its script.
touch .lock || fail 1 'the folder cannot be written'
exec 9<.lock
flock --nonblock 9 || fail 4 'another backup is at work in this folder'

# What one that was killed has left behind.
rm -f -- *.incomplete
for sum in "$PREFIX"*.dump.sha256; do
  [ -e "${sum%.sha256}" ] || rm -f -- "$sum"
done

new=$PREFIX$(date -u +%Y%m%dT%H%M%SZ)
[ ! -e "$new.dump" ] || fail 1 "$new.dump is there already"
name=$new

# In the background, so that the script hears when it is told to stop.
PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-15} pg_dump --dbname="$url" --no-password --format=custom \
  --lock-wait-timeout=60s --file="$name.dump.incomplete" &
child=$!
wait "$child" || fail 1 "pg_dump ended with $?"
child=

contents=$(pg_restore --list "$name.dump.incomplete") || fail 3 'the dump has no list of what it holds'
case $contents in
  *' TABLE DATA '*' schema_migrations '*) ;;
  *) fail 3 'the dump holds no migrations: this is not the database of the system' ;;
esac
# A dump that was cut off still has its list; this reads all of it.
pg_restore --file=/dev/null "$name.dump.incomplete" || fail 3 'the dump cannot be read to its end'

sum=$(sha256sum <"$name.dump.incomplete") || fail 1 'the dump cannot be read'
echo "${sum%% *}  $name.dump" >"$name.dump.sha256.incomplete" || fail 1 'no room for the checksum'
sync -- "$name.dump.incomplete" "$name.dump.sha256.incomplete" || fail 1 'the disk does not take the dump'
# The dump comes last: where it is, its checksum is.
mv -- "$name.dump.sha256.incomplete" "$name.dump.sha256"
mv -- "$name.dump.incomplete" "$name.dump"
sync -- . || fail 1 'the disk does not take the name of the dump'
echo "backup $name.dump: $(wc -c <"$name.dump") bytes"

oldest=$(date -u -d "-$keep_days days" +%Y%m%d%H%M%S)
kept=0
# By name is by age.
for dump in $(printf '%s\n' "$PREFIX"*.dump | sort -r); do
  [ -e "$dump.sha256" ] || continue
  kept=$((kept + 1))
  made=$(printf %s "${dump#"$PREFIX"}" | tr -cd 0-9)
  if [ "$kept" -gt "$keep_at_least" ] && [ "${#made}" -eq 14 ] && [ "$made" -lt "$oldest" ]; then
    # The dump goes first: a checksum alone is no backup.
    rm -f -- "$dump" "$dump.sha256" || fail 5 "$dump cannot be removed"
    echo "removed $dump"
  fi
done
