import dev.meshdx.*
import dev.meshdx.analysis.*
import dev.meshdx.changes.*
import dev.meshdx.diagnosis.*
import dev.meshdx.envoy.*
import dev.meshdx.envoy.admin.*
import dev.meshdx.envoy.diff.*
import dev.meshdx.envoy.origin.*
import dev.meshdx.finding.*
import dev.meshdx.health.*
import dev.meshdx.logs.*
import dev.meshdx.model.*
import dev.meshdx.report.*
import dev.meshdx.security.*
import dev.meshdx.testkit.*
import dev.meshdx.traffic.*
import java.nio.file.*
import java.time.*
/** Prints the whole of a result: what JShell shows by itself is cut at 1,000 characters. */
void print(Object result) { System.out.println(result instanceof Diagnosis d ? Documents.of(d) : result); }
/** A mesh to play with: an embedded fake one in a known state. */
Mesh fake(String scenario) { return FakeMesh.start(Scenario.byName(scenario)).connect(); }
