/*
 * The program: arguments, configuration, engine and front end, exit status.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include "args.h"
#include "conf/conf.h"
#include "engine.h"
#include "imap/net.h"
#include "mem.h"
#include "ui.h"

/* Each signal that a front end is to hear of becomes one byte in it. */
static int signal_pipe[2] = {-1, -1};
/* Whether INT or TERM is among them. */
static volatile sig_atomic_t interrupted;

/* Whether the front end has not come to read what was told before. */
static bool unread(void)
{
	struct pollfd fd = {.fd = signal_pipe[0], .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

/* The second one ends the process at once also when the front end is stuck,
 * in a terminal that takes nothing. */
static void on_signal(int number)
{
	int saved = errno;
	unsigned char byte = (unsigned char)number;

	if (number == SIGINT || number == SIGTERM) {
		if (interrupted && unread()) {
			ui_emergency();
			_exit(EXIT_STATUS_INTERRUPTED);
		}
		interrupted = 1;
	}
	if (write(signal_pipe[1], &byte, 1) < 0) {
		/* full: more than enough signals wait already */
	}
	errno = saved;
}

/* The end of a program that is to dump core: a sane terminal first. */
static void on_abort(int number)
{
	ui_emergency();
	signal(number, SIG_DFL);
	raise(number);
}

static void catch(int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler};

	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_RESTART;
	if (sigaction(number, &action, NULL) != 0)
		mem_die("catching signals");
}

static bool is_so(int number, void (*handler)(int))
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
		action.sa_handler == handler;
}

static void catch_signals(void)
{
	static const int told[] = {
		SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT,
	};
	static const int deadly[] = {
		SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS,
		SIGTRAP, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF,
	};

	if (pipe(signal_pipe) != 0)
		mem_die("making a pipe");
	for (int i = 0; i < 2; i++)
		if (fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK) != 0 ||
			fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC) != 0)
			mem_die("making a pipe");
	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		catch(told[i], on_signal);
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
		if (is_so(deadly[i], SIG_DFL)) /* else a sanitizer's */
			catch(deadly[i], on_abort);
	if (!is_so(SIGHUP, SIG_IGN)) /* else nohup's */
		catch(SIGHUP, on_signal);
	catch(SIGPIPE, SIG_IGN);
	/* A file that becomes too large is an error of its write. */
	catch(SIGXFSZ, SIG_IGN);
	catch(SIGCHLD, SIG_DFL);
}

/* A closed standard descriptor must not become a mail file or a socket. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

static int complain(const struct error *err, enum exit_status status)
{
	fprintf(stderr, "offlineimap: %s\n", err->text);
	return (int)status;
}

static void print_versions(void)
{
	printf("offlineimap v%s, %s, SQLite %s, %s\n", PACKAGE_VERSION,
		OpenSSL_version(OPENSSL_VERSION), sqlite3_libversion(),
		curl_version());
}

static int print_help(const char *program)
{
	struct str text = {0};

	args_help(program, &text);
	fputs(str_get(&text), stdout);
	str_clear(&text);
	return EXIT_STATUS_OK;
}

static const struct ui_ops *configured_ui(const struct conf *conf,
	struct error *err)
{
	const struct ui_ops *ops = ui_find(conf->ui, err);

	if (ops == NULL)
		error_add(err, "%s: [general] ui", conf->path);
	return ops;
}

static const struct ui_ops *choose_ui(const struct args *args,
	const struct conf *conf, struct error *err)
{
	if (args->ui != NULL)
		return ui_find(args->ui, err);
	if (args->run.mode == RUN_INFO)
		return ui_find("ttyui", err);
	if (conf->ui != NULL)
		return configured_ui(conf, err);
	return ui_default();
}

static int run_engine(struct args *args, const struct conf *conf)
{
	struct error err = {0};
	struct ui_options options = {
		.ops = choose_ui(args, conf, &err),
		.log_file = args->log_file,
		.log_syslog = args->log_syslog,
		.profile_dir = args->profile_dir,
		.debug = args->run.debug,
		.signal_fd = signal_pipe[0],
		.version = PACKAGE_VERSION,
		.arguments = str_get(&args->joined),
	};
	struct engine *engine;
	int status;

	if (options.ops == NULL)
		return complain(&err, args->ui != NULL ? EXIT_STATUS_USAGE :
			EXIT_STATUS_CONFIG);
	args->run.files = ui_wants_files(options.ops);
	engine = engine_start(conf, &args->run, &err);
	if (engine == NULL)
		return complain(&err, EXIT_STATUS_CONFIG);
	status = ui_run(engine, &options);
	engine_free(engine);
	return status;
}

/* What the configuration asks for as well as the command line can. */
static void add_general(struct run_options *run, const struct conf *conf)
{
	run->dry_run = run->dry_run || conf->dry_run;
	run->ignore_keyring = run->ignore_keyring || conf->ignore_keyring;
	run->update_keyring = run->update_keyring || conf->update_keyring;
}

static size_t count(const char *const *names)
{
	size_t n = 0;

	while (names != NULL && names[n] != NULL)
		n++;
	return n;
}

/* A folder is deleted on one server only. */
static bool check_accounts(const struct run_options *run,
	const struct conf *conf, struct error *err)
{
	if (run->mode != RUN_DELETE_FOLDER || count(run->accounts != NULL ?
		run->accounts : conf->accounts) == 1)
		return true;
	return error_set(err, ERROR_FATAL, ERROR_CONFIG, "--delete-folder: "
		"you must supply only one account with '-a'");
}

static int run(struct args *args)
{
	struct error err = {0};
	char *path = conf_find(args->config);
	const struct conf_request request = {
		.overrides = args->overrides.len > 1 ?
			(const char *const *)args->overrides.data : NULL,
		.chosen = args->run.accounts,
		.once = args->run.once,
	};
	struct conf *conf = conf_load(path, &request, &err);
	int status = EXIT_STATUS_CONFIG;

	args->run.config_path = path;
	if (conf == NULL) {
		complain(&err, EXIT_STATUS_CONFIG);
	} else if (!check_accounts(&args->run, conf, &err)) {
		status = complain(&err, EXIT_STATUS_USAGE);
	} else if (!net_global_init(&err)) {
		status = complain(&err, EXIT_STATUS_ERROR);
	} else {
		add_general(&args->run, conf);
		status = run_engine(args, conf);
	}
	conf_free(conf);
	free(path);
	return status;
}

static int act(struct args *args, const char *program)
{
	switch (args->action) {
	case ARGS_HELP:
		return print_help(program);
	case ARGS_VERSION:
		puts(PACKAGE_VERSION);
		return EXIT_STATUS_OK;
	case ARGS_LONG_VERSION:
		print_versions();
		return EXIT_STATUS_OK;
	case ARGS_RUN:
		return run(args);
	}
	return EXIT_STATUS_USAGE;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct args args;
	int status;

	open_standard();
	setlocale(LC_ALL, "");
	catch_signals();
	if (!args_parse(argc, argv, &args, &err))
		status = complain(&err, EXIT_STATUS_USAGE);
	else
		status = act(&args, argv[0]);
	args_clear(&args);
	if (fflush(stdout) != 0 && status == EXIT_STATUS_OK)
		status = EXIT_STATUS_ERROR;
	return status;
}
