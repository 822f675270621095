-- ¿Quién pierde una y otra vez? Por conjunto y tipo de espacio: cuántas unidades llevan una, dos, tres… veces seguidas sin
-- recibir, contadas desde su último sorteo hacia atrás.
WITH veces AS (
  SELECT
    r.conjunto,
    r.unidad,
    r.pedido AS tipo,
    LOGICAL_OR(r.recibio) AS recibio,
    ROW_NUMBER() OVER (PARTITION BY r.conjunto, r.unidad, r.pedido ORDER BY s.publicado_en DESC, s.sorteo DESC) AS hace
  FROM sorteos AS s
  JOIN resultados AS r ON r.conjunto = s.conjunto AND r.sorteo = s.sorteo
  WHERE s.estado IN ('publicado', 'finalizado') AND NOT s.ensayo AND NOT s.borrado AND NOT r.borrado
  GROUP BY r.conjunto, r.unidad, r.pedido, s.publicado_en, s.sorteo
),
rachas AS (
  SELECT conjunto, unidad, tipo, COALESCE(MIN(IF(recibio, hace, NULL)) - 1, COUNT(*)) AS seguidas
  FROM veces
  GROUP BY conjunto, unidad, tipo
)
SELECT conjunto, tipo, seguidas, COUNT(*) AS unidades
FROM rachas
WHERE seguidas > 0
GROUP BY conjunto, tipo, seguidas
ORDER BY conjunto, tipo, seguidas
