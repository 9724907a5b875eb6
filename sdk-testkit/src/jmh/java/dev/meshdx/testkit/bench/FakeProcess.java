package dev.meshdx.testkit.bench;

import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.RecordedPodRequest;
import dev.meshdx.testkit.RecordedRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A fake mesh in a process of its own, so that its memory and threads do not count as meshdx's. Arguments: how many workloads,
 * how many KiB each proxy's config dump has (0 for the fake's own dumps), the file for the kubeconfig. It says {@code ready},
 * answers each line on its standard input with the requests since the last one, and ends with its input.
 */
public final class FakeProcess {
    private FakeProcess() {}

    /** Serves until the standard input ends. */
    public static void main(String[] args) throws IOException {
        int workloads = Integer.parseInt(args[0]);
        int kilobytes = Integer.parseInt(args[1]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (FakeMesh mesh = FakeMesh.builder().workloads(workloads).start()) {
            if (kilobytes > 0) {
                String dump = new String(ConfigDumps.ofSize(kilobytes * 1024), StandardCharsets.UTF_8);
                String status = ConfigDumps.status(kilobytes * 1024 / ConfigDumps.BYTES_PER_SERVICE);
                for (Resource pod : mesh.objects(ResourceKind.POD)) {
                    if (pod.namespace().equals("scale")) {
                        mesh.page("scale", pod.name(), 15000, "/config_dump?include_eds", dump);
                        mesh.page("scale", pod.name(), 15000, "/clusters?format=json", status);
                    }
                }
            }
            mesh.writeKubeconfig(Path.of(args[2]));
            out.println("ready");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (in.readLine() != null) {
                out.println(requests(mesh));
                mesh.forgetRequests();
            }
        }
    }

    private static String requests(FakeMesh mesh) {
        Map<String, Integer> counts = new TreeMap<>();
        for (RecordedRequest request : mesh.requests()) {
            String what = request.resource().isEmpty()
                    ? "GET " + request.path()
                    : request.verb() + " " + request.resource()
                            + (request.group().isEmpty() ? "" : "." + request.group());
            counts.merge(what, 1, Integer::sum);
        }
        for (RecordedPodRequest request : mesh.podRequests()) {
            counts.merge("pod :" + request.port() + request.path(), 1, Integer::sum);
        }
        return counts.toString();
    }
}
