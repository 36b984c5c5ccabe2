# offlineimap: the expressions of the configuration, see src/conf/python.h
#
# A request is a head of 24 bytes (two lengths), the expression or another
# text, and a JSON object; an answer is a letter, a length and as many bytes.
# A password goes as it is, outside JSON.

import sys

# The directory that the program was started in is no place for modules.
if sys.path and sys.path[0] == '':
    del sys.path[0]

import functools
import json
import os
import re
from importlib.machinery import ModuleSpec, SourceFileLoader

EXPRESSION = '<option>'
MODULE = '<none>'
WIDE = 200
NARROW = 60
UID_MAX = 0xffffffff


class Wrong(Exception):
    """Something that the sentence in it says all about."""


class Unloaded(Exception):
    """The pythonfile failed; the cause is chained."""


def cut(text, width):
    text = ' '.join(text.split())
    return text if len(text) <= width else text[:width - 3] + '...'


def hidden(text, secret):
    """The text with stars for each piece of three characters or more that
    stands in the secret too."""
    low, where = text.lower(), secret.lower()
    covered = [False] * len(low)
    for start in range(len(low) - 2):
        if low[start:start + 3] in where:
            covered[start:start + 3] = [True] * 3
    marked = ''.join('\0' if c else t for c, t in zip(covered, text))
    return re.sub('\0+', '***', marked)


def type_name(kind):
    module = getattr(kind, '__module__', 'builtins')
    if module in ('builtins', '__main__', MODULE):
        return kind.__qualname__
    return module + '.' + kind.__qualname__


def line_in(error, path):
    """The last line of the file that the exception came through."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == path:
        line = error.lineno
    return line


def words(error, secret=''):
    """An exception as Python prints it, without the trace."""
    if isinstance(error, SyntaxError) and error.msg:
        text = error.msg
        if error.filename not in (EXPRESSION, None):
            text = str(error)
    else:
        try:
            text = str(error)
        except BaseException:
            text = 'it cannot be printed'
    if secret:
        text = hidden(text, secret)
    name = type_name(type(error))
    return cut(name + ': ' + text if text else name, 2 * WIDE)


class Request:
    """One question: what is asked, and what is to be said when it fails."""

    def __init__(self, head, text):
        self.op = head['op']
        self.where = head.get('where')
        self.again = head['again']
        self.secret = head['secret']
        self.args = head['args']
        self.text = text
        self.subject = None

    def shown(self, value):
        if value is None:
            return 'None'
        name = type_name(type(value))
        if self.secret:
            return 'a value of type ' + name
        try:
            return 'the %s %s' % (name, cut(repr(value), NARROW))
        except BaseException:
            return 'a value of type ' + name

    def sentence(self, error, path):
        if isinstance(error, Wrong):
            text = str(error)
        else:
            text = words(error, self.text if self.secret else '')
        if self.subject is not None:
            text = 'for %s: %s' % (self.subject, text)
        line = line_in(error, path)
        if line is not None:
            text += ' (at %s:%d)' % (path, line)
        if not self.secret and self.text:
            text += ' (expression: %s)' % cut(self.text, WIDE)
        return text


class Rules:
    """The names of the pythonfile, and the values of the expressions."""

    # Where OfflineIMAP's own module re goes before one of the pythonfile.
    WITH_RE = ('list', 'translate', 'filter', 'sort', 'item_filter',
               'item_sort')

    def __init__(self, path):
        self.path = path
        self.names = None
        self.kept = {}

    def execute(self):
        """As a module whose name says that it has none."""
        with open(self.path, 'rb') as source:
            code = compile(source.read(), self.path, 'exec', 0, True)
        module = type(sys)(MODULE)
        module.__file__ = self.path
        module.__package__ = ''
        module.__loader__ = SourceFileLoader(MODULE, self.path)
        module.__spec__ = ModuleSpec(MODULE, module.__loader__,
                                     origin=self.path)
        sys.modules[MODULE] = module
        exec(code, module.__dict__)
        return {name: getattr(module, name) for name in dir(module)}

    def load(self):
        if self.names is not None:
            return
        try:
            self.names = self.execute() if self.path else {}
        except BaseException as error:
            raise Unloaded from error

    def trouble(self, error):
        """What became of the pythonfile."""
        line = line_in(error, self.path)
        if isinstance(error, SyntaxError) and error.filename == self.path:
            text = '%s: %s' % (type_name(type(error)), error.msg)
        else:
            text = words(error)
        place = self.path if line is None else '%s:%d' % (self.path, line)
        return 'pythonfile %s: %s' % (place, text)

    def evaluate(self, request):
        names = dict(self.names)
        if request.op in self.WITH_RE:
            names['re'] = re
        else:
            names.setdefault('re', re)
        text = request.text.lstrip(' \t')
        return eval(compile(text, EXPRESSION, 'eval', 0, True), names)

    def value(self, request):
        """Evaluated once, unless it is to be each time."""
        key = (request.where, request.text)
        if request.again or key not in self.kept:
            self.kept.pop(key, None)
            value = self.evaluate(request)
            if request.secret:
                return value
            self.kept[key] = value
        return self.kept[key]

    def function(self, request):
        value = self.value(request)
        if not callable(value):
            raise Wrong('its value must be a function, but is ' +
                        request.shown(value))
        return value


def as_text(request, value, what):
    if not isinstance(value, str):
        raise Wrong('%s must be text, but is %s' %
                    (what, request.shown(value)))
    try:
        value.encode('utf-8')
    except UnicodeEncodeError:
        raise Wrong('%s is not Unicode: %s' %
                    (what, request.shown(value))) from None
    if '\0' in value:
        raise Wrong('%s holds a NUL: %s' % (what, request.shown(value)))
    return str.__str__(value)


def as_list(request, value, what):
    if value is None:
        return []
    if isinstance(value, (str, bytes)):
        raise Wrong('%s must be a list, but is %s' %
                    (what, request.shown(value)))
    try:
        iter(value)
    except TypeError:
        raise Wrong('%s must be a list, but is %s' %
                    (what, request.shown(value))) from None
    return list(value)


def as_uid(request, value):
    if not isinstance(value, int):
        raise Wrong('a UID must be a number, but one is ' +
                    request.shown(value))
    return int(value)


def folder(request, name):
    request.subject = "folder '%s'" % name


def item(request, account, name):
    request.subject = "folder '%s' of account '%s'" % (name, account)


def each(rules, request, shape, call):
    """The answers for all the arguments, in their order."""
    function = rules.function(request)
    out = [shape(call(function, args)) for args in request.args]
    request.subject = None
    return b'j', json.dumps(out).encode('ascii')


def on_folder(request):
    def call(function, name):
        folder(request, name)
        return function(name)
    return call


def do_text(rules, request):
    value = rules.value(request)
    if value is None:
        return b'n', b''
    if isinstance(value, (bytes, bytearray)):
        try:
            value = value.decode('utf-8')
        except UnicodeDecodeError:
            raise Wrong('its value is not UTF-8: ' +
                        request.shown(value)) from None
    return b'r', as_text(request, value, 'its value').encode('utf-8')


def do_number(rules, request):
    value = rules.value(request)
    if isinstance(value, str) and re.fullmatch(r'\s*[0-9]+\s*', value):
        value = int(value)
    if value is None:
        value = 0
    if not isinstance(value, int) or not -2 ** 63 <= value < 2 ** 63:
        raise Wrong('its value must be a whole number, but is ' +
                    request.shown(value))
    return b'j', json.dumps([int(value)]).encode('ascii')


def do_list(rules, request):
    value = rules.value(request)
    out = [as_text(request, name, 'each name')
           for name in as_list(request, value, 'its value')]
    if not isinstance(value, (list, tuple, set, frozenset, dict)):
        # What can be gone through only once is kept as the list.
        rules.kept[request.where, request.text] = out
    return b'j', json.dumps(out).encode('ascii')


def do_translate(rules, request):
    return each(rules, request,
                lambda value: as_text(request, value, 'the result'),
                on_folder(request))


def do_filter(rules, request):
    return each(rules, request, bool, on_folder(request))


def do_uids(rules, request):
    def shape(value):
        uids = [as_uid(request, uid)
                for uid in as_list(request, value, 'the result')]
        return [uid for uid in uids if 1 <= uid <= UID_MAX]
    return each(rules, request, shape, on_folder(request))


def do_sort(rules, request):
    function = rules.function(request)
    names = request.args

    def compare(a, b):
        request.subject = "folders '%s' and '%s'" % (names[a], names[b])
        value = function(names[a], names[b])
        if not isinstance(value, (int, float)):
            raise Wrong('the result must be a number, but is ' +
                        request.shown(value))
        return value

    order = sorted(range(len(names)), key=functools.cmp_to_key(compare))
    return b'j', json.dumps(order).encode('ascii')


def do_item_filter(rules, request):
    def call(function, args):
        item(request, args[0], args[1])
        return function(args[0], args[1])
    return each(rules, request, bool, call)


def do_item_sort(rules, request):
    function = rules.function(request)
    items = request.args

    def key(index):
        account, name, place = items[index]
        item(request, account, name)
        return function({'accountname': account, 'foldername': name,
                         'localfolders': place})

    keys = [key(index) for index in range(len(items))]
    request.subject = None
    order = sorted(range(len(items)), key=keys.__getitem__)
    return b'j', json.dumps(order).encode('ascii')


def do_call(rules, request):
    rules.function(request)()
    return b'n', b''


def no_backend(error):
    """Whether there is no keyring at all, in the words of old and new."""
    return type(error).__name__ == 'NoKeyringError' or \
        'No recommended backend' in str(error)


def do_keyring_get(rules, request):
    try:
        import keyring
        value = keyring.get_password(request.args[0], request.args[1])
    except ImportError as error:
        return b'n', words(error).encode('utf-8', 'backslashreplace')
    except Exception as error:
        if no_backend(error):
            return b'n', words(error).encode('utf-8', 'backslashreplace')
        sys.stderr.write('keyring: %s\n' % words(error))
        return b'n', b'the keyring failed'
    if value is None:
        return b'n', b''
    return b'r', as_text(request, value, 'the password').encode('utf-8')


def do_keyring_set(rules, request):
    import keyring
    keyring.set_password(request.args[0], request.args[1], request.text)
    return b'n', b''


OPERATIONS = {
    'text': do_text,
    'number': do_number,
    'list': do_list,
    'translate': do_translate,
    'filter': do_filter,
    'sort': do_sort,
    'uids': do_uids,
    'call': do_call,
    'item_filter': do_item_filter,
    'item_sort': do_item_sort,
    'keyring_get': do_keyring_get,
    'keyring_set': do_keyring_set,
}


def serve(rules, request, outputs):
    try:
        rules.load()
        outputs.begin(request.secret)
        return OPERATIONS[request.op](rules, request)
    except Unloaded as error:
        text = rules.trouble(error.__cause__)
    except BaseException as error:
        text = request.sentence(error, rules.path)
    return b'e', text.encode('utf-8', 'backslashreplace')


class Outputs:
    """What the expressions print is read as log lines; while a secret is
    asked for, standard output is not, as it may be the secret."""

    def __init__(self):
        self.nothing = os.open(os.devnull, os.O_RDWR)
        self.log = os.dup(2)
        os.dup2(self.nothing, 0)
        os.dup2(self.log, 1)
        try:
            for stream in sys.stdout, sys.stderr:
                stream.reconfigure(line_buffering=True,
                                   errors='backslashreplace')
        except AttributeError:
            pass

    def flush(self):
        for stream in sys.stdout, sys.stderr:
            try:
                stream.flush()
            except Exception:
                pass

    def begin(self, secret):
        if secret:
            self.flush()
            os.dup2(self.nothing, 1)

    def end(self, secret):
        self.flush()
        if secret:
            os.dup2(self.log, 1)


def main():
    requests = os.fdopen(os.dup(0), 'rb')
    answers = os.fdopen(os.dup(1), 'wb')
    rules = Rules(sys.argv[1] if len(sys.argv) > 1 else None)
    sys.argv[:] = ['offlineimap']
    outputs = Outputs()
    process = os.getpid()
    while True:
        head = requests.read(24)
        if len(head) < 24:
            return
        text = requests.read(int(head[:12])).decode('utf-8')
        request = Request(json.loads(requests.read(int(head[12:]))), text)
        letter, answer = serve(rules, request, outputs)
        outputs.end(request.secret)
        if os.getpid() != process:
            # A fork of the expression came back here.
            os._exit(0)
        answers.write(letter + b'%11d' % len(answer) + answer)
        answers.flush()


main()
