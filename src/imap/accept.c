#include "config.h"

#include <string.h>

#include "imap/session_impl.h"

#define BIT(expect) (1u << (expect))
#define ALWAYS 0xffffffffu

static const struct {
	const char *name;
	enum expect expect;
} verbs[] = {
	{"AUTHENTICATE", EXPECT_LOGIN},
	{"LOGIN", EXPECT_LOGIN},
	{"ID", EXPECT_ID},
	{"LIST", EXPECT_LIST},
	{"LSUB", EXPECT_LSUB},
	{"STATUS", EXPECT_STATUS},
	{"NAMESPACE", EXPECT_NAMESPACE},
	{"CREATE", EXPECT_CREATE},
	{"RENAME", EXPECT_CREATE},
	{"ENABLE", EXPECT_ENABLE},
	{"SEARCH", EXPECT_SEARCH},
	{"UID SEARCH", EXPECT_SEARCH},
	{"SELECT", EXPECT_SELECT},
	{"EXAMINE", EXPECT_SELECT},
	{"CLOSE", EXPECT_UNSELECT},
	{"UNSELECT", EXPECT_UNSELECT},
	{"UID FETCH", EXPECT_FETCH},
	{"APPEND", EXPECT_APPEND},
	{"UID STORE", EXPECT_STORE},
	{"UID COPY", EXPECT_COPY},
	{"UID MOVE", EXPECT_COPY},
	{"COMPRESS", EXPECT_COMPRESS},
	{"LOGOUT", EXPECT_LOGOUT},
};

static bool begins_with_word(struct span text, const char *word)
{
	size_t len = strlen(word);

	return span_starts_nocase(text, word) &&
		(text.len == len || text.data[len] == ' ');
}

enum expect accept_verb(const struct cmd *cmd)
{
	struct span text = span_str(&cmd->part[0].text);

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (begins_with_word(text, verbs[i].name))
			return verbs[i].expect;
	return EXPECT_NOTHING;
}

static bool any_waiting(unsigned mask, const size_t waiting[EXPECT_COUNT])
{
	for (size_t i = 0; i < EXPECT_COUNT; i++)
		if ((mask & BIT(i)) && waiting[i] > 0)
			return true;
	return mask == ALWAYS;
}

/* From which state on, and for which commands; TAGGED, CONTINUE, CONDITION
 * and CAPABILITY are the session's own and not looked up. */
static const struct {
	enum session_state from;
	unsigned expect;
} response_rules[RESPONSE_KIND_COUNT] = {
	[RESPONSE_ENABLED] = {STATE_KNOWN, BIT(EXPECT_ENABLE)},
	[RESPONSE_LIST] = {STATE_KNOWN, BIT(EXPECT_LIST)},
	[RESPONSE_LSUB] = {STATE_KNOWN, BIT(EXPECT_LSUB)},
	[RESPONSE_STATUS] = {STATE_KNOWN,
		BIT(EXPECT_STATUS) | BIT(EXPECT_LIST)},
	[RESPONSE_SEARCH] = {STATE_SELECTED, BIT(EXPECT_SEARCH)},
	[RESPONSE_ESEARCH] = {STATE_SELECTED, BIT(EXPECT_SEARCH)},
	[RESPONSE_FLAGS] = {STATE_SELECTED, ALWAYS},
	[RESPONSE_EXISTS] = {STATE_SELECTED, ALWAYS},
	[RESPONSE_RECENT] = {STATE_SELECTED, ALWAYS},
	[RESPONSE_EXPUNGE] = {STATE_SELECTED, ALWAYS},
	[RESPONSE_VANISHED] = {STATE_SELECTED, ALWAYS},
	[RESPONSE_FETCH] = {STATE_SELECTED, ALWAYS},
	[RESPONSE_NAMESPACE] = {STATE_KNOWN, BIT(EXPECT_NAMESPACE)},
	[RESPONSE_ID] = {STATE_STRANGER, BIT(EXPECT_ID)},
};

/* Behind a SELECT that was sent, its folder's data are legal. */
static enum session_state reached(enum session_state state,
	const size_t waiting[EXPECT_COUNT])
{
	return state == STATE_KNOWN && waiting[EXPECT_SELECT] > 0
		? STATE_SELECTED : state;
}

bool accept_response(enum session_state state, enum response_kind kind,
	const size_t waiting[EXPECT_COUNT])
{
	return response_rules[kind].expect != 0 &&
		reached(state, waiting) >= response_rules[kind].from &&
		any_waiting(response_rules[kind].expect, waiting);
}

/* tagged: in the answer to which commands; untagged: while which are
 * unanswered. */
static const struct {
	unsigned tagged, untagged;
} code_rules[] = {
	[CODE_NONE] = {ALWAYS, ALWAYS},
	[CODE_OTHER] = {ALWAYS, ALWAYS},
	[CODE_ALERT] = {ALWAYS, ALWAYS},
	[CODE_ALREADYEXISTS] = {BIT(EXPECT_CREATE), 0},
	[CODE_APPENDUID] = {BIT(EXPECT_APPEND), 0},
	[CODE_AUTHENTICATIONFAILED] = {BIT(EXPECT_LOGIN), 0},
	[CODE_CAPABILITY] = {BIT(EXPECT_LOGIN), 0},
	[CODE_CLOSED] = {BIT(EXPECT_SELECT), BIT(EXPECT_SELECT)},
	[CODE_COPYUID] = {BIT(EXPECT_COPY), BIT(EXPECT_COPY)},
	[CODE_HIGHESTMODSEQ] = {ALWAYS, BIT(EXPECT_SELECT)},
	[CODE_LIMIT] = {ALWAYS, 0},
	[CODE_MODIFIED] = {BIT(EXPECT_STORE), 0},
	[CODE_NOMODSEQ] = {BIT(EXPECT_SELECT), BIT(EXPECT_SELECT)},
	[CODE_NONEXISTENT] = {ALWAYS, 0},
	[CODE_OVERQUOTA] = {ALWAYS, ALWAYS},
	[CODE_PERMANENTFLAGS] = {0, BIT(EXPECT_SELECT)},
	[CODE_READ_ONLY] = {BIT(EXPECT_SELECT), BIT(EXPECT_SELECT)},
	[CODE_READ_WRITE] = {BIT(EXPECT_SELECT), BIT(EXPECT_SELECT)},
	[CODE_TRYCREATE] = {BIT(EXPECT_APPEND) | BIT(EXPECT_COPY), 0},
	[CODE_UIDNEXT] = {0, BIT(EXPECT_SELECT)},
	[CODE_UIDNOTSTICKY] = {ALWAYS, BIT(EXPECT_SELECT)},
	[CODE_UIDVALIDITY] = {0, BIT(EXPECT_SELECT)},
	[CODE_UNAVAILABLE] = {ALWAYS, ALWAYS},
	[CODE_UNSEEN] = {0, BIT(EXPECT_SELECT)},
};

bool accept_code(enum session_state state, enum code_kind code,
	const size_t waiting[EXPECT_COUNT])
{
	/* A server may greet, or go on after TLS, with its capabilities. */
	if (code == CODE_CAPABILITY)
		return state == STATE_STRANGER;
	return any_waiting(code_rules[code].untagged, waiting);
}

bool accept_tagged_code(enum expect verb, enum code_kind code)
{
	return (code_rules[code].tagged & BIT(verb)) != 0;
}
