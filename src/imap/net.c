#include "config.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "base/thread.h"
#include "imap/net.h"
#include "imap/net_curl.h"
#include "mem.h"
#include "str.h"

struct net {
	int fd;
	bool own_fd; /* else libcurl's */
	CURLM *multi;
	CURL *easy;
	pid_t pid; /* of the tunnel; 0: none */
};

bool net_global_init(struct error *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ERROR_FATAL, ERROR_OTHER,
			"libcurl cannot be initialised");
	return true;
}

static struct net *net_new(void)
{
	struct net *net = mem_calloc(1, sizeof(*net));

	net->fd = -1;
	return net;
}

void net_free(struct net *net)
{
	if (!net)
		return;
	if (net->own_fd)
		file_close(&net->fd);
	if (net->easy && net->multi)
		curl_multi_remove_handle(net->multi, net->easy);
	if (net->easy)
		curl_easy_cleanup(net->easy);
	if (net->multi)
		curl_multi_cleanup(net->multi);
	if (net->pid > 0)
		process_end(net->pid);
	free(net);
}

int net_fd(const struct net *net)
{
	return net->fd;
}

struct net *net_take(int fd)
{
	struct net *net = net_new();

	net->fd = fd;
	net->own_fd = true;
	return net;
}

struct net *net_tunnel(const char *command, struct error *err)
{
	struct net *net = net_new();

	if (!process_tunnel(command, &net->fd, &net->pid, err)) {
		net->pid = 0;
		net_free(net);
		error_raise(err, ERROR_ACCOUNT);
		return NULL;
	}
	net->own_fd = true;
	return net;
}

/* The host becomes part of a URL: nothing in it may end the host there. */
static bool host_valid(const char *host)
{
	static const char forbidden[] = "/?#@\\[]\"<>^`{|} \t\r\n";

	return host[0] != '\0' && !strpbrk(host, forbidden);
}

static bool port_valid(const char *port)
{
	uint64_t n;

	return span_number(span_of(port), 65535, &n) && n > 0;
}

/* http://host:port, a literal IPv6 address in brackets with its zone's
 * percent sign escaped (RFC 6874). */
static void make_url(const struct net_options *o, struct str *url)
{
	bool literal = strchr(o->host, ':') != NULL;

	str_add(url, literal ? "http://[" : "http://");
	for (const char *c = o->host; *c; c++)
		if (*c == '%')
			str_add(url, "%25");
		else
			str_add_char(url, *c);
	str_printf(url, literal ? "]:%s" : ":%s", o->port);
}

static long resolve_by(int ipv6)
{
	if (ipv6 < 0)
		return CURL_IPRESOLVE_WHATEVER;
	return ipv6 > 0 ? CURL_IPRESOLVE_V6 : CURL_IPRESOLVE_V4;
}

/* A hook or a tunnel of another account must not hold the connection open. */
static int on_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	(void)arg;
	(void)purpose;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

/* The proxy gets the name, not an address: what is looked up stays within
 * the proxy's network (S9). */
static const struct {
	const char *prefix, *scheme;
} proxies[] = {
	{"SOCKS4:", "socks4a://"},
	{"SOCKS5:", "socks5h://"},
	{"HTTP:", "http://"},
};

bool net_proxy_url(const char *proxy, struct str *url, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(proxies); i++) {
		size_t len = strlen(proxies[i].prefix);

		if (strncmp(proxy, proxies[i].prefix, len) != 0)
			continue;
		str_add(url, proxies[i].scheme);
		str_add(url, proxy + len);
		return true;
	}
	return error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
		"\"%s\" is no proxy: it must be SOCKS4, SOCKS5 or HTTP, then "
		":HOST:PORT", proxy);
}

static void use_proxy(CURL *easy, const struct str *url)
{
	curl_easy_setopt(easy, CURLOPT_PROXY, str_get(url));
	/* The environment's exceptions count as little as its proxies. */
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	if (url->len > 0)
		curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

static void set_options(CURL *easy, const struct net_options *o,
	const struct str *proxy)
{
	struct str url = {0};

	make_url(o, &url);
	curl_easy_setopt(easy, CURLOPT_URL, str_get(&url));
	curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	use_proxy(easy, proxy);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_IPRESOLVE, resolve_by(o->ipv6));
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
		(long)o->timeout_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A resolver's thread that hangs is not waited for, neither when
	 * stop is asked for nor after the deadline. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	str_clear(&url);
}

/* Which of the two could not be reached is not always to be told apart. */
static bool proxy_failed(CURLcode code, long number,
	const struct net_options *o, struct error *err)
{
	error_set(err, ERROR_ACCOUNT, ERROR_NETWORK, "%s",
		curl_easy_strerror(code));
	if (number > 0)
		error_set_errno(err, ERROR_ACCOUNT, ERROR_NETWORK,
			(int)number, "%s", curl_easy_strerror(code));
	if (code == CURLE_OPERATION_TIMEDOUT)
		error_set(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"not within %lld seconds",
			(long long)(o->timeout_ms / 1000));
	return error_add(err, "no connection to %s port %s through the proxy "
		"%s", o->host, o->port, o->proxy);
}

static bool connect_failed(struct net *net, CURLcode code,
	const struct net_options *o, struct error *err)
{
	long number = 0;

	curl_easy_getinfo(net->easy, CURLINFO_OS_ERRNO, &number);
	if (o->proxy)
		return proxy_failed(code, number, o, err);
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return error_set(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"cannot resolve the host name %s (port %s): does it "
			"exist, and is the network up?", o->host, o->port);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return error_set(err, ERROR_ACCOUNT, ERROR_NETWORK,
			"no connection to %s port %s within %lld seconds",
			o->host, o->port, (long long)(o->timeout_ms / 1000));
	if (number > 0)
		return error_set_errno(err, ERROR_ACCOUNT, ERROR_NETWORK,
			(int)number, "cannot connect to %s port %s", o->host,
			o->port);
	return error_set(err, ERROR_ACCOUNT, ERROR_NETWORK,
		"cannot connect to %s port %s: %s", o->host, o->port,
		curl_easy_strerror(code));
}

/* The deadline is libcurl's; curl_multi_poll returns in time for it. */
bool net_perform(CURLM *multi, const struct stop *stop, CURLcode *code)
{
	struct curl_waitfd wake = {
		.fd = stop ? stop_fd(stop) : -1,
		.events = CURL_WAIT_POLLIN,
	};

	for (;;) {
		int running = 0, left;
		CURLMsg *done;

		if (stop && stop_raised(stop))
			return false;
		curl_multi_perform(multi, &running);
		done = curl_multi_info_read(multi, &left);
		if (done) {
			*code = done->data.result;
			return true;
		}
		curl_multi_poll(multi, &wake, stop ? 1 : 0, 1000, NULL);
	}
}

static bool wait_connected(struct net *net, const struct net_options *o,
	struct error *err)
{
	CURLcode code = CURLE_OK;

	if (!net_perform(net->multi, o->stop, &code))
		return error_set(err, ERROR_ACCOUNT, ERROR_STOPPED, "stopped");
	return code == CURLE_OK || connect_failed(net, code, o, err);
}

static bool start(struct net *net, const struct net_options *o,
	struct error *err)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	struct str proxy = {0};

	if (o->proxy && !net_proxy_url(o->proxy, &proxy, err))
		return false;
	net->multi = curl_multi_init();
	net->easy = curl_easy_init();
	if (!net->multi || !net->easy)
		mem_die("libcurl");
	set_options(net->easy, o, &proxy);
	str_clear(&proxy);
	curl_multi_add_handle(net->multi, net->easy);
	if (!wait_connected(net, o, err))
		return false;
	curl_easy_getinfo(net->easy, CURLINFO_ACTIVESOCKET, &fd);
	net->fd = fd;
	if (fd == CURL_SOCKET_BAD)
		return connect_failed(net, CURLE_COULDNT_CONNECT, o, err);
	return true;
}

struct net *net_connect(const struct net_options *o, struct error *err)
{
	struct net *net;

	if (!host_valid(o->host) || !port_valid(o->port)) {
		error_set(err, ERROR_ACCOUNT, ERROR_CONFIG,
			"\"%s\" port \"%s\" is not a host and a port", o->host,
			o->port);
		return NULL;
	}
	net = net_new();
	if (!start(net, o, err)) {
		net_free(net);
		return NULL;
	}
	return net;
}
