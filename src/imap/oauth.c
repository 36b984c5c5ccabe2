#include "config.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "imap/net_curl.h"
#include "imap/oauth.h"
#include "mem.h"

/* An answer is a few hundred bytes. */
#define ANSWER_MAX ((size_t)64 * 1024)
#define WORDS_MAX 300

struct exchange {
	const struct oauth_request *request;
	char *host;      /* for errors */
	struct str body; /* of the request */
	struct str answer;
	long status;
	bool too_long;
};

void oauth_answer_clear(struct oauth_answer *answer)
{
	str_clear_secret(&answer->access_token);
	str_clear_secret(&answer->refresh_token);
	answer->expires_s = 0;
}

/* ---- the address ---- */

static bool is_loopback(const char *host)
{
	return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0 ||
		ascii_casecmp(host, "localhost") == 0;
}

static bool bad_url(const char *url, struct error *err)
{
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
		"oauth2_request_url \"%s\" must begin with https:// and name a "
		"host", url);
}

/* The refresh token is worth as much as a password: it goes out under TLS or
 * not at all. */
static bool check_url(struct exchange *x, struct error *err)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL;
	bool ok = url != NULL &&
		curl_url_set(url, CURLUPART_URL, x->request->url, 0) == 0 &&
		curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == 0 &&
		curl_url_get(url, CURLUPART_HOST, &host, 0) == 0 &&
		(strcmp(scheme, "https") == 0 ||
			(strcmp(scheme, "http") == 0 && is_loopback(host)));

	if (ok)
		x->host = mem_strdup(host);
	else
		bad_url(x->request->url, err);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(url);
	return ok;
}

/* ---- the request ---- */

static bool is_unreserved(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' &&
		ascii_lower(c) <= 'z') || (c != '\0' && strchr("-._~", c));
}

/* application/x-www-form-urlencoded, RFC 6749 appendix B */
static void add_field(struct str *body, const char *name, const char *value)
{
	if (!value)
		return;
	str_printf(body, "%s%s=", body->len > 0 ? "&" : "", name);
	for (; *value; value++)
		if (is_unreserved(*value))
			str_add_char(body, *value);
		else
			str_printf(body, "%%%02X", (unsigned char)*value);
}

static size_t length_of(const char *text)
{
	return text ? strlen(text) : 0;
}

/* Growing would leave unwiped copies. */
static void make_body(struct exchange *x)
{
	const struct oauth_request *r = x->request;

	str_reserve(&x->body, 128 + 3 * (length_of(r->client_id) +
		length_of(r->client_secret) + length_of(r->refresh_token)));
	add_field(&x->body, "client_id", r->client_id);
	add_field(&x->body, "client_secret", r->client_secret);
	add_field(&x->body, "refresh_token", r->refresh_token);
	add_field(&x->body, "grant_type", "refresh_token");
}

static size_t on_data(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * count;

	if (x->answer.len + len > ANSWER_MAX) {
		x->too_long = true;
		return 0;
	}
	str_add_mem(&x->answer, data, len);
	return len;
}

/* A hook or a tunnel must not hold the connection open. */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)purpose;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

static void set_options(CURL *easy, struct exchange *x,
	const struct str *proxy)
{
	long timeout_ms = (long)x->request->timeout_ms;

	curl_easy_setopt(easy, CURLOPT_URL, x->request->url);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, str_get(&x->body));
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)x->body.len);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, str_get(proxy));
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(easy, CURLOPT_USERAGENT,
		PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

static bool transfer(struct exchange *x, CURLM *multi, CURL *easy,
	struct error *err)
{
	CURLcode code = CURLE_OK;

	if (!net_perform(multi, x->request->stop, &code))
		return error_set(err, ERROR_ACCOUNT, ERROR_STOPPED, "stopped");
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &x->status);
	if (code == CURLE_OK)
		return true;
	return error_set(err, ERROR_ACCOUNT, ERROR_NETWORK,
		"asking %s for a token: %s", x->host, x->too_long ?
		"the answer is too long" : curl_easy_strerror(code));
}

static bool send_request(struct exchange *x, struct error *err)
{
	const char *proxy = x->request->proxy;
	struct str proxy_url = {0};
	CURLM *multi;
	CURL *easy;
	bool ok;

	if (proxy && !net_proxy_url(proxy, &proxy_url, err))
		return false;
	multi = curl_multi_init();
	easy = curl_easy_init();
	if (!multi || !easy)
		mem_die("libcurl");
	make_body(x);
	str_reserve(&x->answer, ANSWER_MAX);
	set_options(easy, x, &proxy_url);
	curl_multi_add_handle(multi, easy);
	ok = transfer(x, multi, easy, err);
	curl_multi_remove_handle(multi, easy);
	curl_easy_cleanup(easy);
	curl_multi_cleanup(multi);
	str_clear(&proxy_url);
	return ok;
}

/* ---- the answer ---- */

static bool holds(const char *text, const char *secret)
{
	return secret && *secret && strstr(text, secret);
}

/* What the server says about it, unless it repeats what it was told. */
static void add_words(const struct exchange *x, const json_t *root,
	const char *name, struct str *words)
{
	const char *text = json_string_value(json_object_get(root, name));

	if (!text || holds(text, x->request->refresh_token) ||
		holds(text, x->request->client_secret))
		return;
	str_printf(words, ": %.*s", WORDS_MAX, text);
}

/* A refusal will not change by itself, an overloaded server will. */
static bool refused(const struct exchange *x, const json_t *root,
	struct error *err)
{
	bool busy = x->status >= 500 || x->status == 429;
	struct str words = {0};

	add_words(x, root, "error", &words);
	add_words(x, root, "error_description", &words);
	error_set(err, ERROR_ACCOUNT, busy ? ERROR_NETWORK : ERROR_AUTH,
		"%s gives no token (HTTP status %ld)%s", x->host, x->status,
		str_get(&words));
	str_clear(&words);
	return false;
}

/* It stands between control characters later on. */
static bool is_token(const char *text)
{
	if (!text || !*text)
		return false;
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static int64_t seconds_of(const json_t *value)
{
	const char *text = json_string_value(value);
	uint64_t n = 0;

	if (text && span_number(span_of(text), INT32_MAX, &n))
		return (int64_t)n;
	if (!json_is_number(value) || json_number_value(value) < 1 ||
		json_number_value(value) > INT32_MAX)
		return 0;
	return (int64_t)json_number_value(value);
}

static bool take_answer(const struct exchange *x, const json_t *root,
	struct oauth_answer *out, struct error *err)
{
	const char *access = json_string_value(
		json_object_get(root, "access_token"));
	const char *refresh = json_string_value(
		json_object_get(root, "refresh_token"));

	if (x->status != 200 || !is_token(access))
		return refused(x, root, err);
	str_add(&out->access_token, access);
	if (is_token(refresh))
		str_add(&out->refresh_token, refresh);
	out->expires_s = seconds_of(json_object_get(root, "expires_in"));
	return true;
}

bool oauth_refresh(const struct oauth_request *request,
	struct oauth_answer *out, struct error *err)
{
	struct exchange x = {.request = request};
	json_t *root = NULL;
	bool ok;

	*out = (struct oauth_answer){0};
	ok = check_url(&x, err) && send_request(&x, err);
	if (ok) {
		root = json_loadb(str_get(&x.answer), x.answer.len, 0, NULL);
		ok = take_answer(&x, root, out, err);
	}
	json_decref(root);
	str_clear_secret(&x.body);
	str_clear_secret(&x.answer);
	free(x.host);
	return ok;
}
