-- ¿Cómo y en cuánto tiempo responden? Por sorteo publicado: de los que recibieron espacio en él, cuántos lo aceptaron, lo
-- declinaron, lo dejaron vencer o no han respondido, y las horas que tardó en aceptar la mitad de los que aceptaron.
WITH primeras AS (
  SELECT conjunto, solicitud, MIN(creado_en) AS aceptada_en
  FROM asignaciones
  WHERE NOT borrado
  GROUP BY conjunto, solicitud
),
respuestas AS (
  SELECT
    s.conjunto,
    s.sorteo,
    s.nombre,
    s.publicado_en,
    q.estado,
    TIMESTAMP_DIFF(p.aceptada_en, s.publicado_en, MINUTE) / 60 AS horas
  FROM sorteos AS s
  JOIN resultados AS r ON r.conjunto = s.conjunto AND r.sorteo = s.sorteo
  JOIN solicitudes AS q ON q.conjunto = r.conjunto AND q.solicitud = r.solicitud
  LEFT JOIN primeras AS p ON p.conjunto = r.conjunto AND p.solicitud = r.solicitud
  WHERE s.estado IN ('publicado', 'finalizado') AND NOT s.ensayo AND NOT s.borrado AND r.recibio AND NOT r.borrado
    AND NOT q.borrado
)
SELECT
  conjunto,
  nombre AS sorteo,
  COUNT(*) AS recibieron,
  COUNTIF(horas IS NOT NULL) AS aceptadas,
  COUNTIF(estado = 'declinada' AND horas IS NULL) AS declinadas,
  COUNTIF(estado = 'vencida') AS vencidas,
  COUNTIF(estado = 'asignada') AS sin_responder,
  ROUND(ANY_VALUE(mediana), 1) AS horas
FROM (
  SELECT *, PERCENTILE_CONT(horas, 0.5) OVER (PARTITION BY conjunto, sorteo) AS mediana FROM respuestas
)
GROUP BY conjunto, sorteo, nombre, publicado_en
ORDER BY conjunto, publicado_en
