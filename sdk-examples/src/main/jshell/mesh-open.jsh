/set mode mesh normal -command
/set truncation mesh 20000
/set feedback mesh
