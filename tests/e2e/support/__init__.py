"""What the end-to-end suites share: servers, mail, and the judges.

Nothing here uses code of the program under test.  Mail is judged with
imaplib on the server's side and by reading files on the local side.
"""
