/* The rules of the container-registry agent (broker-protocol.md §g.5), the
 * same for every registry type. */
#include "engine/filter/filter.h"

#define PUBLIC(comment, path) \
    "{\"//\":\"" comment "\",\"method\":\"POST\",\"path\":\"" path "\"}"
#define PRIVATE(comment, method, path) \
    "{\"//\":\"" comment "\",\"method\":\"" method "\",\"path\":\"" path \
    "\",\"origin\":\"${CR_AGENT_URL}\"}"

const char filter_registry_rules[] =
    "{\"public\":["
    PUBLIC("image scan done callback (v2)", "/api/v2/import/done") ","
    PUBLIC("image scan (discover) callback (v1)",
           "/api/v1/recurring-tests/dependencies") ","
    PUBLIC("image scan result callback (v2)", "/api/v2/import/result") ","
    PUBLIC("(api hosts) image scan (discover) callback (v1)",
           "/v1/import/app") ","
    PUBLIC("(api hosts) image scan done callback (v2)", "/v2/import/done") ","
    PUBLIC("(api hosts) image scan (discover) callback (v1)",
           "/v1/recurring-tests/dependencies") ","
    PUBLIC("(api hosts) image scan result callback (v2)",
           "/v2/import/result") ","
    PUBLIC("(api hosts) image scan result callback - code lineage service",
           "/rest/scan/result")
    "],\"private\":["
    "{\"method\":\"GET\",\"path\":\"/healthcheck\","
    "\"origin\":\"${CR_AGENT_URL}\"},"
    PRIVATE("validates credentials with connection to container registry",
            "GET", "/validate-credentials") ","
    PRIVATE("returns image state id used in recurring or re-tests", "GET",
            "/get-state-identifier") ","
    PRIVATE("lists repositories in container registry", "GET", "/list") ","
    PRIVATE("lists tags/images in a repository", "GET", "/list/*") ","
    PRIVATE("lists paginated results (supports >1000 images)", "GET",
            "/list-paginated/*") ","
    PRIVATE("lists tags with metadata (digests, lastPushed) in a repository",
            "GET", "/list-with-metadata/*") ","
    PRIVATE("accepts image scan requests (v1)", "POST", "/discover") ","
    PRIVATE("accepts image scan requests (v2)", "POST", "/scan") ","
    PRIVATE("returns image-metadata for given repository and image reference",
            "GET", "/image-metadata/*")
    "]}";
