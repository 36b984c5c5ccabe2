#include "config.h"

#include "plain.h"

#include <stdlib.h>

#include "mem.h"
#include "out.h"

bool plain_open(struct ui *ui, struct error *err)
{
	struct out *out = mem_calloc(1, sizeof(*out));

	(void)err;
	out_init(out, ui->io.out, &ui->wait);
	ui->data = out;
	return true;
}

bool plain_open_banner(struct ui *ui, struct error *err)
{
	struct str banner = { 0 };

	if (!plain_open(ui, err))
		return false;
	text_add_banner(&banner, ui->options->version);
	out_line(ui->data, str_get(&banner));
	str_clear(&banner);
	return true;
}

void plain_close(struct ui *ui)
{
	out_clear(ui->data);
	free(ui->data);
}

void plain_event(struct ui *ui, const struct event *ev,
	const struct sentence *sentence)
{
	(void)ev;
	plain_say(ui, sentence);
}

void plain_say(struct ui *ui, const struct sentence *sentence)
{
	if (ui_shows(ui, sentence->level))
		out_line(ui->data, sentence->text);
}

bool plain_flush(struct ui *ui)
{
	return out_flush(ui->data);
}
