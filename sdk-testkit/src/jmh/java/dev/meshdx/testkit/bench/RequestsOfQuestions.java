package dev.meshdx.testkit.bench;

import dev.meshdx.Mesh;
import dev.meshdx.MeshNamespace;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.traffic.HttpRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** How many requests each question costs, as lists, other reads, tunnels and pages of pods. Argument: workloads (20). */
public final class RequestsOfQuestions {
    private RequestsOfQuestions() {}

    /** Asks each question with a mesh of its own, so that nothing is known before. */
    public static void main(String[] args) {
        int workloads = args.length > 0 ? Integer.parseInt(args[0]) : 20;
        try (FakeMesh fake = FakeMesh.builder().workloads(workloads).start()) {
            String pod = fake.objects(ResourceKind.POD).stream()
                    .map(Resource::name)
                    .filter(name -> name.startsWith("app-0000-"))
                    .findFirst()
                    .orElseThrow();
            questions(pod).forEach((question, ask) -> {
                fake.forgetRequests();
                try (Mesh mesh = fake.connect()) {
                    ask.accept(mesh);
                }
                System.out.println(question + ": " + counts(fake));
            });
        }
    }

    private static Map<String, Consumer<Mesh>> questions(String pod) {
        Map<String, Consumer<Mesh>> questions = new LinkedHashMap<>();
        questions.put("mesh.version()", Mesh::version);
        questions.put("mesh.proxyStatus()", Mesh::proxyStatus);
        questions.put(
                "mesh.controlPlane().health()", mesh -> mesh.controlPlane().health());
        questions.put("mesh.analyze()", Mesh::analyze);
        questions.put("mesh.mtls()", Mesh::mtls);
        questions.put("mesh.certificates()", Mesh::certificates);
        questions.put(
                "pod.envoy().clusters()",
                mesh -> scale(mesh).pod(pod).envoy().clusters().all());
        questions.put(
                "pod.envoy().endpoints()",
                mesh -> scale(mesh).pod(pod).envoy().endpoints().all());
        questions.put(
                "pod.generatedFrom(service)",
                mesh -> scale(mesh).pod(pod).generatedFrom(ResourceKind.SERVICE, "scale", "app-0001"));
        questions.put(
                "pod.trace(request)", mesh -> scale(mesh).pod(pod).trace(HttpRequest.get("http://app-0001:8080/")));
        questions.put("pod.logs().tail(50)", mesh -> scale(mesh).pod(pod).logs().tail(50));
        questions.put("pod.diagnose()", mesh -> scale(mesh).pod(pod).diagnose());
        questions.put("namespace.diagnose()", mesh -> scale(mesh).diagnose());
        questions.put("mesh.diagnose()", Mesh::diagnose);
        return questions;
    }

    private static MeshNamespace scale(Mesh mesh) {
        return mesh.namespace("scale");
    }

    private static Map<String, Integer> counts(FakeMesh fake) {
        Map<String, Integer> counts = new TreeMap<>();
        fake.requests().forEach(request -> {
            String kind = request.resource().equals("pods/portforward")
                    ? "tunnels"
                    : request.resource().equals("pods/log")
                            ? "logs"
                            : request.verb().equals("list") ? "lists" : "other reads";
            counts.merge(kind, 1, Integer::sum);
        });
        fake.podRequests().forEach(request -> counts.merge("page " + request.path(), 1, Integer::sum));
        return counts;
    }
}
