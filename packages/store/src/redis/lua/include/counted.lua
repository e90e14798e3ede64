-- What the store counts, by the names that an audit has for it.
local COUNTED = { families = FAMILIES, shapes = SHAPES, jobs = PREFIX .. 'jobs' }
