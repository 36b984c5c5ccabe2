/*
 * Connected sockets: by libcurl (several addresses raced), by a tunnel
 * command, or given.  Worker's thread; net_global_init from main before any
 * thread exists.  The environment's proxies are not used (S9).
 */
#ifndef IMAP_NET_H
#define IMAP_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "attr.h"
#include "error.h"

struct net;
struct stop;

/* Once, in main, before the first thread. */
bool net_global_init(struct error *err) ATTR_MUST_CHECK;

struct net_options {
	const char *host; /* a name, or a literal address without brackets */
	const char *port; /* decimal */
	int ipv6;         /* -1 both, 0 IPv4, 1 IPv6 */
	/* "SOCKS4:host:port", "SOCKS5:" or "HTTP:", all that they can reach;
	 * the proxy looks up the name of host.  NULL: none, whatever the
	 * environment says. */
	const char *proxy;
	int64_t timeout_ms;
	const struct stop *stop; /* NULL: none */
};

/* Severity ACCOUNT; kinds NETWORK, CONFIG, STOPPED. */
struct net *net_connect(const struct net_options *options,
	struct error *err) ATTR_MUST_CHECK;
/* stdin and stdout of a shell command. */
struct net *net_tunnel(const char *command, struct error *err)
	ATTR_MUST_CHECK;
/* Takes a connected socket. */
struct net *net_take(int fd) ATTR_RETURNS_NONNULL;
void net_free(struct net *net);

int net_fd(const struct net *net);

#endif
