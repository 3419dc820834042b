"""Jobs: long runs of many requests, stored before the first one is sent, resumed by their id."""
