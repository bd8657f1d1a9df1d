module example.invalid/guestbook

go 1.22
