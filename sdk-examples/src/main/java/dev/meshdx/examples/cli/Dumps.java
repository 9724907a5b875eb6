package dev.meshdx.examples.cli;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Documents from files and from standard input. */
final class Dumps {
    private Dumps() {}

    /** As {@link #read}, but a file is gone through for each question, so that it may be larger than the memory. */
    static ConfigDump open(String file, InputStream standardInput) throws IOException {
        return file.equals("-") ? read(file, standardInput) : ConfigDump.open(Path.of(file));
    }

    /** A config dump, or for endpoints a {@code /clusters?format=json}. */
    static ConfigDump read(String file, InputStream standardInput) throws IOException {
        try {
            if (file.equals("-")) {
                return ConfigDump.parse(standardInput);
            }
            try (InputStream in = Files.newInputStream(Path.of(file))) {
                return ConfigDump.parse(in);
            }
        } catch (MeshProtocolException e) {
            throw new MeshProtocolException(
                    name(file) + ": " + e.getMessage(),
                    "Ask the proxy: kubectl exec POD -c istio-proxy -- pilot-agent request GET config_dump?include_eds",
                    e);
        }
    }

    /** A JSON document. */
    static Json json(String file, InputStream standardInput, String remedy) throws IOException {
        try {
            return Json.parse(text(file, standardInput));
        } catch (MeshProtocolException e) {
            throw new MeshProtocolException(name(file) + ": " + e.getMessage(), remedy, e);
        }
    }

    static String name(String file) {
        return file.equals("-") ? "standard input" : file;
    }

    /** A text; bytes that are no text become question marks, so that a log with a broken line can still be read. */
    static String text(String file, InputStream standardInput) throws IOException {
        byte[] bytes = file.equals("-") ? standardInput.readAllBytes() : Files.readAllBytes(Path.of(file));
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
