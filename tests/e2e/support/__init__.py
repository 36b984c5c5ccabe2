"""What the end-to-end suites share: servers, mail, and the judges.

Nothing here uses code of the program under test.  Mail is judged with
imaplib on the server's side and by reading files on the local side.
"""

import signal

# Under nohup the program would rightly ignore it, and tests of it would fail.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
