package dev.meshdx.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** What a user of the SDK gets on the class path: every jar is listed here, and all of them together stay small. */
class ConsumerClassPathTest {
    private static final long LIMIT = 30_000_000;

    @Test
    void should_list_every_jar_and_stay_under_the_limit() throws IOException {
        String path = Files.readString(Path.of("target/consumer-class-path.txt"));
        List<Path> jars =
                Stream.of(path.trim().split(File.pathSeparator)).map(Path::of).toList();
        long size = 0;
        for (Path jar : jars) {
            size += Files.size(jar);
        }
        size += asJar(Path.of("target/classes"));

        assertThat(jars.stream().map(jar -> jar.getFileName().toString().replaceFirst("-[0-9][^-]*\\.jar$", "")))
                .containsExactlyInAnyOrder(
                        "annotations",
                        "bcpkix-jdk18on",
                        "bcprov-jdk18on",
                        "bcutil-jdk18on",
                        "client-java",
                        "client-java-api",
                        "commons-codec",
                        "commons-lang3",
                        "error_prone_annotations",
                        "gson",
                        "gson-fire",
                        "jackson-core",
                        "jakarta.annotation-api",
                        "jose4j",
                        "jspecify",
                        "kotlin-stdlib",
                        "logging-interceptor",
                        "okhttp-jvm",
                        "okio-jvm",
                        "re2j",
                        "slf4j-api",
                        "snakeyaml",
                        "swagger-annotations");
        assertThat(size).isLessThan(LIMIT);
    }

    /** How large the SDK's own jar becomes. */
    private static long asJar(Path classes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream jar = new ZipOutputStream(bytes);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                jar.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
        return bytes.size();
    }
}
