Mesh mesh = fake("path-case")
Diagnosis diagnosis = mesh.diagnose()
diagnosis.verdict()
print(diagnosis)
mesh.close()
/exit
