"""The Compare page: draws what backend/compare knows."""
