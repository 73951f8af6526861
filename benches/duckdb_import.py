"""Reads one simulated export with DuckDB into zstd Parquet, with the columns that looplens keeps of it.

Started by compare.py in a process of its own, so that its processor time and memory can be measured:
    python benches/duckdb_import.py tables|greenhouse-v3|lever|ashby EXPORT OUT
DuckDB is given the types of every column, two threads, and nothing else to do: it does not validate,
pseudonymise, sort, remove duplicates, reconcile or split into quarters, all of which looplens does.
"""

import sys
from pathlib import Path

import duckdb

TEXT, TIME, INT, FLOAT, FLAG = "VARCHAR", "TIMESTAMPTZ", "BIGINT", "DOUBLE", "BOOLEAN"

# Every column of the import contract, in the order of the simulated files.
TABLES = {
    "applications": {
        "application_id": TEXT, "candidate_id": TEXT, "job_id": TEXT, "job_title": TEXT, "department": TEXT,
        "level": TEXT, "location": TEXT, "specialism": TEXT, "role_specialism": TEXT, "source": TEXT,
        "hiring_manager_id": TEXT, "recruiter_id": TEXT, "applied_at": TIME, "closed_at": TIME,
    },
    "decisions": {
        "application_id": TEXT, "decision": TEXT, "decided_at": TIME, "decided_by": TEXT, "reason": TEXT,
        "offer_outcome": TEXT,
    },
    "interviews": {
        "interview_id": TEXT, "application_id": TEXT, "stage": TEXT, "kind": TEXT, "scheduled_at": TIME,
        "starts_at": TIME, "ends_at": TIME, "interviewer_ids": TEXT, "status": TEXT, "planned_minutes": INT,
    },
    "scorecards": {
        "application_id": TEXT, "stage": TEXT, "interviewer_id": TEXT, "dimension": TEXT, "score": TEXT,
        "scorecard_id": TEXT, "interview_id": TEXT, "submitted_at": TIME, "submitted_by": TEXT, "role": TEXT,
        "note": TEXT, "revision": INT, "recommendation": TEXT,
    },
    "events": {"application_id": TEXT, "event": TEXT, "at": TIME, "stage": TEXT, "actor_id": TEXT},
    "outcomes": {"application_id": TEXT, "outcome": TEXT, "value": TEXT, "at": TIME, "rated_by": TEXT},
}

# The keys that looplens reads of the Greenhouse Harvest v3 objects that grow with the number of loops; its
# other objects (jobs, users, plans) are a few thousand records.
GREENHOUSE = {
    "applications": {
        "id": INT, "candidate_id": INT, "job_id": INT, "status": TEXT, "prospect": FLAG, "rejected_at": TIME,
        "source_id": INT, "recruiter_id": INT, "created_at": TIME, "updated_at": TIME, "last_activity_at": TIME,
        "stage_id": INT, "stage_name": TEXT,
    },
    "application_stages": {
        "id": INT, "application_id": INT, "job_interview_stage_id": INT, "entered_at": TIME, "exited_at": TIME,
        "updated_at": TIME,
    },
    "interviews": {
        "id": INT, "application_id": INT, "job_interview_id": INT, "starts_at": TIME, "ends_at": TIME,
        "all_day_start_on": TEXT, "all_day_end_on": TEXT, "scheduled_at": TIME, "availability_received_at": TIME,
        "status": TEXT, "updated_at": TIME,
    },
    "interviewers": {
        "id": INT, "interview_id": INT, "user_id": INT, "scorecard_id": INT, "email": TEXT,
        "response_status": TEXT, "updated_at": TIME,
    },
    "scorecards": {
        "id": INT, "application_id": INT, "interview_kit_id": INT, "interviewer_id": INT, "submitter_id": INT,
        "interviewed_at": TIME, "submitted_at": TIME, "status": TEXT, "candidate_rating": TEXT, "notes": TEXT,
        "created_at": TIME, "updated_at": TIME,
    },
    "scorecard_candidate_attributes": {
        "id": INT, "scorecard_id": INT, "job_candidate_attribute_id": INT, "candidate_attribute_rating": TEXT,
        "note": TEXT, "created_at": TIME, "updated_at": TIME,
    },
    "rejection_details": {
        "id": INT, "application_id": INT, "rejected_by_id": INT, "rejection_reason_id": INT, "rejected_at": TIME,
        "updated_at": TIME,
    },
    "offers": {
        "id": INT, "version": INT, "application_id": INT, "status": TEXT, "sent_on": TEXT, "starts_on": TEXT,
        "resolved_at": TIME, "created_at": TIME, "updated_at": TIME,
    },
}


# Lever and Ashby nest: per object its files, the key of the wrapper that holds the records, and the type of a record with
# what looplens reads of it. Epoch milliseconds stay integers, and forms stay as nested as they are.
USER = "STRUCT(id VARCHAR, email VARCHAR)"
NESTED = {
    "lever": {
        "opportunities": (
            "data",
            "STRUCT(id VARCHAR, stage VARCHAR, archived STRUCT(reason VARCHAR, archivedAt BIGINT), sources VARCHAR[], origin VARCHAR, "
            "owner VARCHAR, applications VARCHAR[], createdAt BIGINT, updatedAt BIGINT, "
            "stageChanges STRUCT(toStageId VARCHAR, toStageIndex BIGINT, updatedAt BIGINT, userId VARCHAR)[])[]",
        ),
        "applications": (
            "data",
            "STRUCT(id VARCHAR, opportunityId VARCHAR, posting VARCHAR, postingHiringManager VARCHAR, createdAt BIGINT)[]",
        ),
        "interviews": (
            "data",
            "STRUCT(id VARCHAR, panel VARCHAR, subject VARCHAR, stage VARCHAR, createdAt BIGINT, date BIGINT, duration BIGINT, "
            "canceledAt BIGINT, interviewers STRUCT(id VARCHAR, email VARCHAR)[])[]",
        ),
        "feedback": (
            "data",
            "STRUCT(id VARCHAR, text VARCHAR, interview VARCHAR, panel VARCHAR, \"user\" VARCHAR, createdAt BIGINT, completedAt BIGINT, "
            "updatedAt BIGINT, deletedAt BIGINT, fields STRUCT(type VARCHAR, text VARCHAR, value JSON, scores STRUCT(text VARCHAR)[])[])[]",
        ),
        "offers": (
            "data",
            "STRUCT(id VARCHAR, createdAt BIGINT, status VARCHAR, sentAt BIGINT, approvedAt BIGINT, "
            "fields STRUCT(identifier VARCHAR, value JSON)[], signatures STRUCT(signedAt BIGINT)[])[]",
        ),
    },
    "ashby": {
        "application.info": (
            "results",
            "STRUCT(id VARCHAR, createdAt TIMESTAMPTZ, updatedAt TIMESTAMPTZ, status VARCHAR, archivedAt TIMESTAMPTZ, "
            "candidate STRUCT(id VARCHAR), job STRUCT(id VARCHAR, title VARCHAR, departmentId VARCHAR, locationId VARCHAR), "
            "source STRUCT(id VARCHAR, title VARCHAR), archiveReason STRUCT(id VARCHAR, text VARCHAR, reasonType VARCHAR), "
            "hiringTeam STRUCT(userId VARCHAR, role VARCHAR)[], applicationHistory STRUCT(id VARCHAR, stageId VARCHAR, title VARCHAR, "
            "enteredStageAt TIMESTAMPTZ, leftStageAt TIMESTAMPTZ)[])",
        ),
        "applicationFeedback.list": (
            "results",
            "STRUCT(id VARCHAR, applicationId VARCHAR, applicationHistoryId VARCHAR, interviewId VARCHAR, interviewEventId VARCHAR, "
            f"submittedAt TIMESTAMPTZ, submittedByUser {USER}, creditedToUser {USER}, submittedValues JSON, "
            "formDefinition STRUCT(sections STRUCT(title VARCHAR, fields STRUCT(field STRUCT(path VARCHAR, title VARCHAR, type VARCHAR, "
            "selectableValues STRUCT(label VARCHAR, value VARCHAR)[]))[])[]))[]",
        ),
        "interviewSchedule.list": (
            "results",
            "STRUCT(id VARCHAR, applicationId VARCHAR, interviewStageId VARCHAR, status VARCHAR, createdAt TIMESTAMPTZ, "
            "updatedAt TIMESTAMPTZ, interviewEvents STRUCT(id VARCHAR, interviewId VARCHAR, startTime TIMESTAMPTZ, "
            "endTime TIMESTAMPTZ, createdAt TIMESTAMPTZ, updatedAt TIMESTAMPTZ, "
            "interviewers STRUCT(id VARCHAR, email VARCHAR, trainingRole VARCHAR)[])[])[]",
        ),
        "offer.list": (
            "results",
            "STRUCT(id VARCHAR, applicationId VARCHAR, offerStatus VARCHAR, acceptanceStatus VARCHAR, decidedAt TIMESTAMPTZ, "
            "latestVersion STRUCT(startDate VARCHAR, createdAt TIMESTAMPTZ))[]",
        ),
    },
}


def nested(export: Path, name: str, key: str, kind: str) -> str:
    """The records of an object out of their wrappers, with the parent that a wrapper names."""
    columns = f"{{'opportunityId': 'VARCHAR', '{key}': '{kind}'}}"
    files = f"read_json('{export}/{name}/*.*json', format = 'auto', columns = {columns}, maximum_object_size = 1073741824)"
    records = f"unnest({key}, recursive := false)" if kind.endswith("[]") else key
    return f"(SELECT opportunityId AS parent, unnest(record) FROM (SELECT opportunityId, {records} AS record FROM {files}))"


def main() -> None:
    layout, export, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    db = duckdb.connect()
    db.execute("SET threads = 2")
    db.execute("SET preserve_insertion_order = false")
    db.execute("SET TimeZone = 'UTC'")
    for name, (key, kind) in NESTED.get(layout, {}).items():
        db.execute(
            f"COPY (SELECT * FROM {nested(export, name, key, kind)}) TO '{out}/{name}.parquet' "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )
    flat = {"tables": TABLES, "greenhouse-v3": GREENHOUSE}.get(layout, {})
    for name, columns in flat.items():
        declared = "{" + ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items()) + "}"
        if layout == "tables":
            source = f"read_csv('{export}/{name}.csv', header = true, auto_detect = false, delim = ',', columns = {declared})"
        else:
            source = f"read_json('{export}/{name}/*.json', format = 'array', columns = {declared})"
        db.execute(
            f"COPY (SELECT * FROM {source}) TO '{out}/{name}.parquet' "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )
    rows = sum(db.execute(f"SELECT count(*) FROM '{file}'").fetchone()[0] for file in sorted(out.glob("*.parquet")))
    print(rows)


if __name__ == "__main__":
    main()
