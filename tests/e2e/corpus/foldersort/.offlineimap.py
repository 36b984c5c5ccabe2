prioritized = ['INBOX', 'Work', 'Sent']


def by_importance(x, y):
    for name in prioritized:
        x_is, y_is = x == name, y == name
        if x_is or y_is:
            return y_is - x_is
    return (x > y) - (x < y)
