#!/bin/sh
# Runs the unit suites given as arguments (programs in the current directory)
# and the end-to-end modules named in $E2E (all when empty, none for "none").
# The last line counts all tests; the exit status is 0 only if none failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT
LSAN_OPTIONS=${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$here/lsan.supp
LSAN_OPTIONS=$LSAN_OPTIONS:print_suppressions=0
# ThreadSanitizer waits a second at each end of a process that had threads; the
# suites end some hundred of them.
TSAN_OPTIONS=${TSAN_OPTIONS:+$TSAN_OPTIONS:}atexit_sleep_ms=0
export LSAN_OPTIONS TSAN_OPTIONS
passed=0
failed=0
skipped=0

# Adds up a line of Check: "100%: Checks: 12, Failures: 0, Errors: 0".
unit_suite() {
	echo "== $1"
	"./$1" >"$output" 2>&1
	status=$?
	cat "$output"
	counts=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$output" | tail -n 1)
	# shellcheck disable=SC2086
	set -- $1 ${counts:-0 0 0}
	bad=$(($3 + $4))
	if [ "$bad" = 0 ] && [ "$status" != 0 ]; then
		bad=1
		echo "$1: ended with status $status"
	fi
	failed=$((failed + bad))
	passed=$((passed + $2 - $3 - $4))
}

end_to_end() {
	echo "== end to end"
	# shellcheck disable=SC2086
	OFFLINEIMAP_BIN="${OFFLINEIMAP_BIN:-$PWD/offlineimap}" \
		"${PYTHON3:-python3}" "$here/e2e/run.py" ${E2E:-} >"$output" 2>&1
	status=$?
	cat "$output"
	counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$output" | tail -n 1)
	# shellcheck disable=SC2086
	set -- ${counts:-0 1 0}
	if [ "$2" = 0 ] && [ "$status" != 0 ]; then
		set -- "$1" 1 "$3"
		echo "end to end: ended with status $status"
	fi
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

for program in "$@"; do
	unit_suite "$program"
done
[ "${E2E:-}" = none ] || end_to_end
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
