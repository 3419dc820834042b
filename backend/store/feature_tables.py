"""Tables created by later migrations of backend/store/schema.py: queued messages, votes, jobs."""

from __future__ import annotations

# Messages that wait for the end of an answer (backend/store/queued.py). `after_node` is the message that it
# follows:
# in a race it tells the lane. A `held` one is sent only when the visitor says so.
QUEUED_MESSAGES = (
    """CREATE TABLE queued_messages (
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        id BIGINT NOT NULL,
        after_node BIGINT,
        body TEXT NOT NULL,
        held INTEGER NOT NULL,
        PRIMARY KEY (conversation, id)
    )""",
)
# Votes on answers of a race: a row for each pair of models, and one without models for each race that has a vote.
VOTES = (
    """CREATE TABLE votes (
        owner TEXT NOT NULL,
        question TEXT NOT NULL,
        model_a TEXT NOT NULL,
        model_b TEXT NOT NULL,
        repeat INTEGER NOT NULL,
        winner TEXT NOT NULL,
        turn INTEGER NOT NULL,
        language TEXT NOT NULL,
        tstamp DOUBLE PRECISION NOT NULL,
        cost_a DOUBLE PRECISION,
        cost_b DOUBLE PRECISION,
        speed_a DOUBLE PRECISION,
        speed_b DOUBLE PRECISION,
        updated DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (owner, question, model_a, model_b, repeat)
    )""",
)
# Jobs (backend/jobs): the plan as JSON, and one row for each request. `worker` is the run that
# works on a job and `beat` its last heartbeat; `most` is the maximum cost of a step, `usd` the actual one; `handle`
# is
# the server's id for a step that it continues by itself.
JOBS = (
    """CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        plan TEXT NOT NULL,
        state TEXT NOT NULL,
        why TEXT NOT NULL,
        cap DOUBLE PRECISION,
        bytes BIGINT NOT NULL,
        worker TEXT NOT NULL,
        beat DOUBLE PRECISION NOT NULL,
        reserved TEXT NOT NULL,
        created DOUBLE PRECISION NOT NULL,
        updated DOUBLE PRECISION NOT NULL
    )""",
    "CREATE INDEX jobs_of ON jobs (owner, created)",
    """CREATE TABLE job_steps (
        job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        task TEXT NOT NULL,
        state TEXT NOT NULL,
        tries INTEGER NOT NULL,
        most DOUBLE PRECISION,
        usd DOUBLE PRECISION,
        began DOUBLE PRECISION,
        ended DOUBLE PRECISION,
        handle TEXT NOT NULL,
        result TEXT NOT NULL,
        PRIMARY KEY (job, place)
    )""",
)
# US dollars that a step has cost in attempts before the last one.
JOB_EARLIER_TRIES = ("ALTER TABLE job_steps ADD COLUMN earlier DOUBLE PRECISION NOT NULL DEFAULT 0",)
# The queue of a step: the steps of a suite use several servers. `prompt` is for the search.
JOB_QUEUES = (
    "ALTER TABLE jobs ADD COLUMN prompt TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE job_steps ADD COLUMN queue TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX job_steps_next ON job_steps (job, state, queue, place)",
)
