# unit tests of agent
tests_unit_engine_unit_SOURCES += tests/unit/agent-order.c \
	tests/unit/agent-envelope.c

# The door with its neighbours played: a program of its own, so that the fakes
# stand in for the listener, the client, the registry and the scanner.
if HAVE_CRITERION
unit_programs += tests/unit/agent.unit
endif
EXTRA_PROGRAMS += tests/unit/agent.unit
tests_unit_agent_unit_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_agent_unit_LDADD = $(ENGINE_LIBS) $(CRITERION_LIBS)
tests_unit_agent_unit_SOURCES = tests/unit/agent-fakes.h \
	tests/unit/agent-fakes.c tests/unit/agent-fakes-http.c \
	tests/unit/agent-fakes-scan.c tests/unit/agent-door.c \
	tests/unit/agent-jobs.c

EXTRA_PROGRAMS += tests/unit/agent.forked
tests_unit_agent_forked_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_agent_forked_SOURCES = tests/unit/forked.c
tests_unit_agent_forked_LDADD = $(tests_unit_agent_unit_OBJECTS) \
	$(tests_unit_agent_unit_LDADD)
EXTRA_tests_unit_agent_forked_DEPENDENCIES = $(tests_unit_agent_unit_OBJECTS)
