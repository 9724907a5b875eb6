// A first look without a cluster: mesh-jshell demo.jsh
Mesh mesh = fake("path-case")
Diagnosis diagnosis = mesh.namespace("production").service("web").diagnose()
// What a loaded file computes is not shown by itself: print it.
print(diagnosis.verdict())
print(diagnosis)
print(mesh.proxyStatus())
mesh.close()
/exit
