# Node 24 comes with the image, so the npm package that brings it to other machines is left out with the dev dependencies.
FROM node:24-slim AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production DESKLOOP_HOST=0.0.0.0 DESKLOOP_PORT=8080
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
COPY package.json ./
COPY config ./config
COPY migrations ./migrations
COPY connectors ./connectors
COPY src ./src
COPY scripts ./scripts
RUN mkdir /app/data && chown node:node /app/data
USER node
VOLUME /app/data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s CMD node -e "fetch('http://127.0.0.1:8080/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
ENTRYPOINT ["node", "scripts/deskloop.ts"]
CMD ["start"]
