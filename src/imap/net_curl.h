/*
 * What net.c and oauth.c share of their use of libcurl; nobody else sees it.
 * Worker's thread.
 */
#ifndef IMAP_NET_CURL_H
#define IMAP_NET_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "attr.h"
#include "error.h"
#include "str.h"

struct stop;

/* Runs the one transfer of multi to its end.  False: stop was raised. */
bool net_perform(CURLM *multi, const struct stop *stop, CURLcode *code)
	ATTR_MUST_CHECK;
/* "SOCKS5:host:port" as an option of libcurl, appended to url. */
bool net_proxy_url(const char *proxy, struct str *url, struct error *err)
	ATTR_MUST_CHECK;

#endif
