"""The SQL statements of backend/jobs/saved_jobs.py, in the dialect that SQLite and PostgreSQL share.

Those that name a step run after one that has checked the owner of its job.
"""

from __future__ import annotations

from sqlalchemy import TextClause, text

_PARTS = {
    "head": "id, kind, title, state, why, cap, bytes, worker, beat, reserved, created, updated",
    "step": "place, task, state, tries, most, usd, began, ended, handle, result, queue",
    # The known cost; what is running, and what ended without a bill, counts with its maximum.
    "spent": """sum(earlier + CASE WHEN state IN ('waiting', 'cancelled') THEN 0 ELSE coalesce(usd, most, 0) END)
        AS usd""",
}


def _statement(sql: str) -> TextClause:
    """A statement with the lists of columns in it."""
    for name, columns in _PARTS.items():
        sql = sql.replace(f"{{{name}}}", columns)
    return text(sql)


ADD = text("""
    INSERT INTO jobs (
        id, owner, kind, title, prompt, plan, state, why, cap, bytes, worker, beat, reserved, created, updated
    ) VALUES (
        :id, :owner, :kind, :title, :prompt, :plan, :state, '', :cap, :bytes, :worker, :now, :reserved, :created,
        :now
    )
""")
ADD_STEP = text("""
    INSERT INTO job_steps (job, place, task, state, tries, most, usd, ended, handle, result, queue)
    VALUES (:job, :place, :task, :state, 0, :most, :usd, :ended, '', :result, :queue)
""")
LIST = _statement("""
    SELECT {head} FROM jobs WHERE owner = :owner AND (:kind = '' OR kind = :kind) ORDER BY created DESC, id
""")
NEWEST = text("""
    SELECT id FROM jobs WHERE owner = :owner AND kind = :kind AND title = :title ORDER BY created DESC, id LIMIT 1
""")
PROMPTS = text("SELECT id, prompt FROM jobs WHERE owner = :owner AND (:kind = '' OR kind = :kind)")
TAKEN = text("SELECT 1 FROM jobs WHERE id = :id")
# All columns, to undo a deletion.
WHOLE = text("SELECT * FROM jobs WHERE owner = :owner AND id = :id")
WHOLE_STEPS = text("""
    SELECT * FROM job_steps WHERE job IN (SELECT id FROM jobs WHERE owner = :owner AND id = :id) ORDER BY place
""")
ONE = _statement("SELECT {head}, plan FROM jobs WHERE owner = :owner AND id = :id")
HEAD = _statement("SELECT {head} FROM jobs WHERE owner = :owner AND id = :id")
COUNTS = _statement("SELECT state, count(*) AS steps, {spent} FROM job_steps WHERE job = :job GROUP BY state")
STEPS = _statement("""
    SELECT {step} FROM job_steps
    WHERE job IN (SELECT id FROM jobs WHERE owner = :owner AND id = :id) AND coalesce(ended, 0) >= :since
    ORDER BY place
""")
STEP = _statement("""
    SELECT {step} FROM job_steps
    WHERE job IN (SELECT id FROM jobs WHERE owner = :owner AND id = :id) AND place = :place
""")
DELETE = text("DELETE FROM jobs WHERE owner = :owner AND id = :id")
OLD = text("DELETE FROM jobs WHERE owner = :owner AND kind = :kind AND updated < :before")
OLD_OF_ALL = text("DELETE FROM jobs WHERE updated < :before AND kind <> :except")
TOO_MANY = text("""
    DELETE FROM jobs WHERE id IN (SELECT id FROM (
        SELECT id, row_number() OVER (ORDER BY updated DESC, id) AS place FROM jobs
        WHERE owner = :owner AND kind = :kind AND state <> 'running'
    ) AS ranked WHERE place > :keep)
""")
AT_WORK = text("""
    SELECT count(*) FROM jobs
    WHERE owner = :owner AND kind = :kind AND state = 'running' AND beat > :stale AND beat < :ahead
""")

# For the worker of a job. BEAT comes first in each transaction: it checks that the job is still its own.
BEAT = text("""
    UPDATE jobs SET beat = :now WHERE owner = :owner AND id = :id AND worker = :worker AND state = 'running'
""")
CLAIM = text("""
    UPDATE jobs SET worker = :worker, beat = :now, updated = :now, state = 'running', why = '', reserved = :reserved
    WHERE owner = :owner AND id = :id
""")
LOST = text("""
    UPDATE job_steps SET state = CASE WHEN handle = '' THEN 'unknown' ELSE 'waiting' END,
        ended = CASE WHEN handle = '' THEN :now ELSE NULL END
    WHERE job = :job AND state = 'running'
""")
# The known cost of an earlier attempt was spent, whatever the outcome of the next one.
ONCE_MORE = text("""
    UPDATE job_steps SET state = 'waiting', tries = 0, began = NULL, ended = NULL, usd = NULL,
        earlier = earlier + coalesce(usd, 0),
        handle = CASE WHEN state = 'cancelled' THEN handle ELSE '' END
    WHERE job = :job AND state = :state
""")
NEXT = _statement("""
    SELECT {step} FROM job_steps WHERE job = :job AND state = 'waiting' AND queue = :queue ORDER BY place LIMIT 1
""")
CAP = text("SELECT cap FROM jobs WHERE owner = :owner AND id = :id")
BEGIN = text("""
    UPDATE job_steps SET state = 'running', began = :now, tries = tries + 1 WHERE job = :job AND place = :place
""")
PUT_BACK = text("""
    UPDATE job_steps SET began = NULL, tries = :tries,
        state = CASE WHEN (SELECT state FROM jobs WHERE id = :job) = 'cancelled' THEN 'cancelled' ELSE 'waiting' END
    WHERE job = :job AND place = :place AND state = 'running'
        AND job IN (SELECT id FROM jobs WHERE owner = :owner AND id = :job AND worker = :worker)
""")
HANDLE = text("UPDATE job_steps SET handle = :handle WHERE job = :job AND place = :place")
SIZES = text("""
    SELECT bytes, (SELECT length(result) FROM job_steps WHERE job = :id AND place = :place) AS before
    FROM jobs WHERE owner = :owner AND id = :id
""")
GROW = text("UPDATE jobs SET bytes = bytes + :more, updated = :now WHERE owner = :owner AND id = :id")
END_STEP = text("""
    UPDATE job_steps SET state = :state, usd = :usd, ended = :now, result = :result
    WHERE job = :job AND place = :place
""")
CANCEL = text("UPDATE job_steps SET state = 'cancelled' WHERE job = :job AND state = 'waiting'")
END = text("""
    UPDATE jobs SET state = :state, why = :why, updated = :now, reserved = '' WHERE owner = :owner AND id = :id
""")
STOP = text("""
    UPDATE jobs SET state = 'cancelled', why = '', updated = :now WHERE owner = :owner AND id = :id
""")
