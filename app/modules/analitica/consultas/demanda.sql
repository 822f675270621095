-- ¿Cuánto se pide en cada conjunto? Por sorteo publicado y tipo de espacio: solicitudes sorteadas, las que recibieron
-- espacio y cuántas de cada cien.
SELECT
  s.conjunto,
  s.nombre AS sorteo,
  r.pedido AS tipo,
  COUNT(*) AS solicitudes,
  COUNTIF(r.recibio) AS con_espacio,
  ROUND(100 * COUNTIF(r.recibio) / COUNT(*), 1) AS por_ciento
FROM sorteos AS s
JOIN resultados AS r ON r.conjunto = s.conjunto AND r.sorteo = s.sorteo
WHERE s.estado IN ('publicado', 'finalizado') AND NOT s.ensayo AND NOT s.borrado AND NOT r.borrado
GROUP BY s.conjunto, s.sorteo, s.nombre, s.publicado_en, r.pedido
ORDER BY s.conjunto, s.publicado_en, tipo
