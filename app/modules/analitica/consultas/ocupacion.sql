-- ¿Qué parte de los espacios de residentes está en uso en @dia? Por conjunto y tipo: los activos, los que alguien tiene
-- por un sorteo, los que tienen titular y los libres.
SELECT
  e.conjunto,
  e.tipo,
  COUNT(DISTINCT e.codigo) AS espacios,
  COUNT(DISTINCT a.espacio) AS asignados,
  COUNT(DISTINCT IF(e.con_titular, e.codigo, NULL)) AS con_titular,
  COUNT(DISTINCT IF(a.espacio IS NULL AND NOT e.con_titular, e.codigo, NULL)) AS libres
FROM espacios AS e
LEFT JOIN asignaciones AS a
  ON a.conjunto = e.conjunto AND a.espacio = e.codigo AND NOT a.borrado AND @dia BETWEEN a.desde AND a.hasta
WHERE e.uso = 'residentes' AND e.activo AND NOT e.borrado
GROUP BY e.conjunto, e.tipo
ORDER BY e.conjunto, e.tipo
