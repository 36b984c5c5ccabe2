#include "config.h"

#include <signal.h>
#include <unistd.h>

#include "attr.h"
#include "command.h"
#include "engine.h"
#include "terminal.h"
#include "ui_ops.h"

/* Ends the process without waiting for the engine: its state is made to
 * survive that. */
static void end_at_once(struct ui *ui)
{
	if (ui->ops->leave != NULL)
		ui->ops->leave(ui);
	ui_say(ui, TEXT_WARNING, "Signaled twice. Aborting!");
	ui->ops->flush(ui);
	terminal_restore();
	log_close(ui->log, &(struct error){ 0 });
	_exit(EXIT_STATUS_INTERRUPTED);
}

void ui_stop(struct ui *ui)
{
	if (ui->interrupts++ == 0)
		ui_say(ui, TEXT_WARNING,
			"Preparing to shutdown after sync (this may take some"
			" time), press CTRL-C again to shutdown immediately");
	ui_send(ui, COMMAND_STOP, NULL);
}

static void signal_interrupt(struct ui *ui)
{
	if (ui->interrupts > 0)
		end_at_once(ui);
	ui_stop(ui);
}

/* A service manager sends HUP together with TERM: it never counts as the
 * second one. */
static void signal_hangup(struct ui *ui)
{
	ui_say(ui, TEXT_WARNING,
		"Preparing to shutdown after sync (this may take some time)");
	ui_send(ui, COMMAND_STOP, NULL);
}

static void signal_sync_now(struct ui *ui)
{
	ui_say(ui, TEXT_INFO, "Requested synchronization of all accounts");
	ui_sync_now(ui, NULL);
}

static void signal_stop_after(struct ui *ui)
{
	ui_say(ui, TEXT_WARNING, "Terminating after this sync...");
	ui_send(ui, COMMAND_STOP_AFTER, NULL);
}

static void signal_resize(struct ui *ui)
{
	if (ui->ops->resize != NULL)
		ui->ops->resize(ui);
}

static const struct {
	int number;
	void (*handle)(struct ui *ui);
} signals[] = {
	{ SIGINT, signal_interrupt },
	{ SIGTERM, signal_interrupt },
	{ SIGHUP, signal_hangup },
	{ SIGUSR1, signal_sync_now },
	{ SIGUSR2, signal_stop_after },
#ifdef SIGWINCH
	{ SIGWINCH, signal_resize },
#endif
	/* Nobody tells a suspended program of a new size. */
	{ SIGCONT, signal_resize },
};

static void take_signal(struct ui *ui, int number)
{
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		if (signals[i].number == number)
			signals[i].handle(ui);
}

void ui_take_signals(struct ui *ui)
{
	unsigned char numbers[64];
	ssize_t n = read(ui->options->signal_fd, numbers, sizeof(numbers));

	for (ssize_t i = 0; i < n; i++)
		take_signal(ui, numbers[i]);
}
