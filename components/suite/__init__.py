"""The mode Suite of the Compare page: inputs with checks, over all lanes (backend/compare/suite)."""
